//! `staking-helper`: the questions and claims of the reserve pool, for the sender and for many cycles at once.

use serde_json::{Value, json};

use super::reply::{Answered, Call, Data, Played, Reply, bare, ok};
use super::reserve_pool::ReservePool;
use super::tokens::Tokens;

impl ReservePool {
    pub fn help(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Answered {
        let token = call.name(0)?;
        match call.function {
            "claim-staking-reward" => {
                ok(Data::List(self.claim_many(call, ledger, &token, call.items(1)?)?.1))
            }
            "claim-staking-reward-by-tx-sender" => {
                ok(self.claim(call, ledger, &token, &call.sender, call.small(1)?)?)
            }
            "get-staked" => self.each(call, ledger, |pool, ledger, cycle| {
                let id = pool.id_of_sender(call, ledger)?;
                pool.ask(call, ledger, "get-staker-at-cycle-or-default", &[cycle.clone(), id])
            }),
            "get-staking-rewards" => self.each(call, ledger, |pool, ledger, cycle| {
                let id = pool.id_of_sender(call, ledger)?;
                pool.ask(call, ledger, "get-staking-reward", &[id, cycle.clone()])
            }),
            "get-staking-stats-coinbase" => bare(self.stats(call, ledger, call.arg(1)?)?),
            "get-staking-stats-coinbase-as-list" => {
                self.each(call, ledger, |pool, ledger, cycle| pool.stats(call, ledger, cycle))
            }
            _ => call.unknown(),
        }
    }

    /// One answer for each cycle of a list.
    fn each(
        &mut self,
        call: &Call<'_>,
        ledger: &mut Tokens,
        mut answer: impl FnMut(&mut Self, &mut Tokens, &Value) -> Played<Data>,
    ) -> Answered {
        let cycles = call.items(1)?.iter();
        bare(Data::List(cycles.map(|cycle| answer(self, ledger, cycle)).collect::<Played<_>>()?))
    }

    fn stats(&mut self, call: &Call<'_>, ledger: &mut Tokens, cycle: &Value) -> Played<Data> {
        let mut ask = |function| self.ask(call, ledger, function, std::slice::from_ref(cycle));
        Ok(Data::Tuple(vec![
            ("staking-stats", ask("get-staking-stats-at-cycle-or-default")?),
            ("coinbase-amount", ask("get-coinbase-amount-or-default")?),
        ]))
    }

    /// The sender's number, nought for a stranger.
    fn id_of_sender(&mut self, call: &Call<'_>, ledger: &mut Tokens) -> Played<Value> {
        match self.ask(call, ledger, "get-user-id", &[json!(call.sender)])? {
            Data::Some(id) => match *id {
                Data::Plain(id) => Ok(json!(id.to_string())),
                other => Err(format!("a number of {other:?}").into()),
            },
            _ => Ok(json!("0")),
        }
    }

    /// What the reserve pool itself answers about a token.
    fn ask(&mut self, call: &Call<'_>, ledger: &mut Tokens, function: &str, rest: &[Value]) -> Played<Data> {
        let args = [&[call.arg(0)?.clone()], rest].concat();
        let asked = Call {
            contract: "alex-reserve-pool".into(),
            function,
            args: &args,
            sender: call.sender.clone(),
            height: call.height,
            theirs: call.theirs,
        };
        match self.call(&asked, ledger)? {
            Reply::Bare(data) | Reply::Ok(data) => Ok(data),
        }
    }
}
