//! The registry of governable parameters: each venue says what can be voted on, in a fixed order.
//!
//! A venue joins with an implementation of [`Governed`] and a line in both of [`Venues::governed`] and
//! [`Venues::governed_mut`]. Governance knows a parameter by its place in the registry, its name and its bounds only.

use crate::protocol::governance::{Parameter, ParameterError, ParameterId};
use crate::venue::Venues;

/// A venue some of whose parameters can be voted on. Their number and order never change during a run.
pub(in crate::venue) trait Governed {
    /// How many there are.
    fn parameter_count(&self) -> usize;

    /// What they are, by place. Sensitivities may depend on the venue's present state, names and bounds may not, but that the
    /// bounds of what can no longer be changed close on its value.
    fn parameters(&self) -> Vec<Parameter>;

    /// The present value of the one at `place`.
    fn parameter_value(&self, place: usize) -> Option<f64>;

    /// Gives the one at `place` a value that is within its bounds.
    fn set_parameter(&mut self, place: usize, value: f64);
}

impl Venues {
    /// The venues with governable parameters, in the order of the registry.
    fn governed(&self) -> impl Iterator<Item = &dyn Governed> {
        let treasury = self.treasury.iter().map(|treasury| treasury as &dyn Governed);
        let books = self.books.iter().map(|book| book as &dyn Governed);
        let stakes = self.stakes.pools().iter().map(|pool| pool as &dyn Governed);
        let pools = self.pools.iter().map(|pool| pool as &dyn Governed);
        let loans = self.loans.iter().map(|market| market as &dyn Governed);
        let launches = self.launches.iter().map(|launch| launch as &dyn Governed);
        let token = self.token.iter().map(|token| token as &dyn Governed);
        let desk = self.desk.iter().map(|desk| desk as &dyn Governed);
        pools.chain(treasury).chain(books).chain(stakes).chain(loans).chain(launches).chain(token).chain(desk)
    }

    fn governed_mut(&mut self) -> impl Iterator<Item = &mut dyn Governed> {
        let treasury = self.treasury.iter_mut().map(|treasury| treasury as &mut dyn Governed);
        let books = self.books.iter_mut().map(|book| book as &mut dyn Governed);
        let stakes = self.stakes.pools_mut().map(|pool| pool as &mut dyn Governed);
        let pools = self.pools.iter_mut().map(|pool| pool as &mut dyn Governed);
        let loans = self.loans.iter_mut().map(|market| market as &mut dyn Governed);
        let launches = self.launches.iter_mut().map(|launch| launch as &mut dyn Governed);
        let token = self.token.iter_mut().map(|token| token as &mut dyn Governed);
        let desk = self.desk.iter_mut().map(|desk| desk as &mut dyn Governed);
        pools.chain(treasury).chain(books).chain(stakes).chain(loans).chain(launches).chain(token).chain(desk)
    }

    /// Everything that can be voted on, by [`ParameterId`].
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        self.governed().flat_map(Governed::parameters).collect()
    }

    /// The parameter of that name, `feth_pool.fee_bps`.
    #[must_use]
    pub fn find_parameter(&self, name: &str) -> Option<ParameterId> {
        let place = self.parameters().iter().position(|parameter| parameter.name == name)?;
        u16::try_from(place).ok().map(ParameterId)
    }

    /// The parameter with that id.
    #[must_use]
    pub fn parameter(&self, id: ParameterId) -> Option<Parameter> {
        let mut place = id.index();
        for venue in self.governed() {
            let count = venue.parameter_count();
            if place < count {
                return venue.parameters().into_iter().nth(place);
            }
            place -= count;
        }
        None
    }

    /// The present value of a parameter.
    #[must_use]
    pub fn parameter_value(&self, id: ParameterId) -> Option<f64> {
        let mut place = id.index();
        for venue in self.governed() {
            let count = venue.parameter_count();
            if place < count {
                return venue.parameter_value(place);
            }
            place -= count;
        }
        None
    }

    /// The value a parameter had before any vote changed it.
    #[must_use]
    pub fn parameter_default(&self, id: ParameterId) -> Option<f64> {
        let original = self.governance.as_ref().and_then(|governance| governance.original(id));
        original.or_else(|| self.parameter_value(id))
    }

    /// Gives a parameter a value.
    ///
    /// # Errors
    /// [`ParameterError`] if there is no such parameter or the value is outside its bounds; then nothing changes.
    pub fn set_parameter(&mut self, id: ParameterId, value: f64) -> Result<(), ParameterError> {
        self.parameter(id).ok_or(ParameterError::Unknown(id.0))?.check(value)?;
        let mut place = id.index();
        for venue in self.governed_mut() {
            let count = venue.parameter_count();
            if place < count {
                venue.set_parameter(place, value);
                break;
            }
            place -= count;
        }
        Ok(())
    }
}
