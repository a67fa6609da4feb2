//! What the published tail rests on: one base, one change at a time.
//!
//! The base is the setting of the appendix at 100 times the historical frequency of jumps, with smoothing .06. The figures
//! beside each variant are those of an independent simulation of 20,000 paths (specification of the model, sensitivity
//! table), rounded as there; its standard errors are about .002 in the 99 % quantile.

use super::model::{Conversion, CurveConversion, JumpDiffusion, MarketConversion, PriceLaw, RiskModel};

/// The loss whose probability the table states, as a share of the initial pool value.
pub const THRESHOLD: f64 = 0.125;

/// One row of the table: a change of the base and what it leads to.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// What is changed, to what.
    pub change: &'static str,
    /// Applies the change to the base.
    pub apply: fn(&mut RiskModel),
    /// Debt over initial pool value.
    pub ltv: f64,
    /// 95 % quantile of the loss over all paths; none where the table has none.
    pub quantile_95: Option<f64>,
    /// 99 % quantile of the loss over all paths.
    pub quantile_99: Option<f64>,
    /// Probability of a loss above [`THRESHOLD`].
    pub exceedance: Option<f64>,
    /// Probability of default.
    pub default_probability: Option<f64>,
}

/// The model that the variants change.
#[must_use]
pub fn base() -> RiskModel {
    RiskModel { smoothing: 0.06, ..RiskModel::with_amplifier(100.0) }
}

impl Variant {
    /// The base with this change.
    #[must_use]
    pub fn model(&self) -> RiskModel {
        let mut model = base();
        (self.apply)(&mut model);
        model
    }

    const fn at(mut self, ltv: f64) -> Self {
        self.ltv = ltv;
        self
    }

    const fn defaulting(mut self, probability: f64) -> Self {
        self.default_probability = Some(probability);
        self
    }
}

const fn row(change: &'static str, apply: fn(&mut RiskModel), figures: [Option<f64>; 3]) -> Variant {
    let [quantile_95, quantile_99, exceedance] = figures;
    Variant { change, apply, ltv: 0.75, quantile_95, quantile_99, exceedance, default_probability: None }
}

const fn full(change: &'static str, apply: fn(&mut RiskModel), figures: [f64; 3]) -> Variant {
    row(change, apply, [Some(figures[0]), Some(figures[1]), Some(figures[2])])
}

fn jumps(model: &mut RiskModel, change: fn(&mut JumpDiffusion)) {
    if let PriceLaw::JumpDiffusion(law) = &mut model.price {
        change(law);
    }
}

fn sell_after(model: &mut RiskModel, delay_hours: u32) {
    model.conversion = Conversion::AtMarket(MarketConversion { delay_hours, ..MarketConversion::default() });
}

fn on_the_curve(model: &mut RiskModel) {
    model.smoothing = 0.07;
    model.conversion =
        Conversion::OnCurve(CurveConversion { then_frozen: true, ..CurveConversion::default() });
}

/// The rows of the table.
pub const VARIANTS: [Variant; 36] = [
    row("none", |_| {}, [None, Some(0.135), Some(0.017)]).defaulting(1.0),
    full("smoothing .02", |model| model.smoothing = 0.02, [0.188, 0.231, 0.325]),
    full("smoothing .04", |model| model.smoothing = 0.04, [0.127, 0.162, 0.056]),
    full("smoothing .05", |model| model.smoothing = 0.05, [0.114, 0.146, 0.029]),
    full("smoothing .07", |model| model.smoothing = 0.07, [0.099, 0.127, 0.011]),
    full("smoothing .10", |model| model.smoothing = 0.10, [0.089, 0.112, 0.004]),
    full("smoothing .20", |model| model.smoothing = 0.20, [0.085, 0.102, 0.002]),
    full("model volatility 60 %", |model| model.model_volatility = 0.6, [0.036, 0.073, 0.001]),
    full("model volatility 80 %", |model| model.model_volatility = 0.8, [0.068, 0.101, 0.003]),
    full("model volatility 120 %", |model| model.model_volatility = 1.2, [0.145, 0.172, 0.168]),
    full("volatility 60 %", |model| jumps(model, |law| law.volatility = 0.6), [0.101, 0.130, 0.013]),
    full("volatility 120 %", |model| jumps(model, |law| law.volatility = 1.2), [0.110, 0.139, 0.021]),
    full("drift 0", |model| jumps(model, |law| law.drift = 0.0), [0.107, 0.136, 0.018]),
    full("drift -300 %", |model| jumps(model, |law| law.drift = -3.0), [0.105, 0.135, 0.017]),
    full("jumps of -10 %", |model| jumps(model, |law| law.jump_size = -0.1), [0.040, 0.052, 0.0]),
    full("jumps of -15 %", |model| jumps(model, |law| law.jump_size = -0.15), [0.072, 0.091, 0.001]),
    full("jumps of -25 %", |model| jumps(model, |law| law.jump_size = -0.25), [0.141, 0.179, 0.097]),
    full("jumps of -30 %", |model| jumps(model, |law| law.jump_size = -0.3), [0.179, 0.226, 0.277]),
    full("loan-to-value 70 %", |_| {}, [0.056, 0.085, 0.001]).at(0.7),
    full("loan-to-value 72.5 %", |_| {}, [0.081, 0.110, 0.005]).at(0.725),
    full("loan-to-value 77.5 %", |_| {}, [0.131, 0.160, 0.068]).at(0.775),
    full("loan-to-value 80 %", |_| {}, [0.156, 0.185, 0.25]).at(0.8),
    full("updates every 6 h", |model| model.update_every_hours = 6, [0.289, 0.337, 0.88]),
    full("updates every 24 h", |model| model.update_every_hours = 24, [0.571, 0.603, 1.0]),
    full(
        "weights from 5 % to 95 %",
        |model| (model.weight_floor, model.weight_cap) = (0.05, 0.95),
        [0.344, 0.370, 1.0],
    ),
    full("sale at the market at 90 %", |model| sell_after(model, 0), [0.0, 0.001, 0.0]).defaulting(0.011),
    full("sale an hour later", |model| sell_after(model, 1), [0.0, 0.018, 0.0]).defaulting(0.028),
    full("sale 6 h later", |model| sell_after(model, 6), [0.022, 0.064, 0.001]).defaulting(0.101),
    full("sale 24 h later", |model| sell_after(model, 24), [0.063, 0.107, 0.004]).defaulting(0.292),
    row("on the curve at 90 %, smoothing .07", on_the_curve, [None, Some(0.368), None]).defaulting(1.0),
    row(
        "on the curve at 90 %, smoothing .07, no jumps",
        |model| {
            on_the_curve(model);
            jumps(model, |law| law.jump_amplifier = 0.0);
        },
        [None, None, None],
    )
    .defaulting(0.93),
    full("static 50 %", |model| model.static_weight = Some(0.5), [0.75, 0.75, 1.0]),
    full("static 100 %", |model| model.static_weight = Some(1.0), [0.75, 0.75, 1.0]),
    row("no jumps", |model| jumps(model, |law| law.jump_amplifier = 0.0), [None, None, None])
        .defaulting(0.008),
    row("historical jumps, smoothing .07", |model| *model = RiskModel::default(), [None, None, None])
        .defaulting(0.068),
    row(
        "ten times the historical jumps, smoothing .07",
        |model| *model = RiskModel::with_amplifier(10.0),
        [None, None, None],
    )
    .defaulting(0.62),
];
