//! The order of a draft's writes: few writes, and each fits after the earlier ones are confirmed.

use super::batch::{Batch, BatchWrite, Part, book};
use super::contested;
use super::numbers::DraftNumbers;
use crate::model::plan::draft::Draft;
use crate::model::plan::order::Step;

/// Splits a draft into writes and orders them so that every pool stays within its ceiling.
///
/// Environments that only give back come first, then those that give and take, then those that only take, then those
/// that only change switches. An environment takes one write, or two if pools block each other: the first gives back, the
/// second takes. Groups of up to nine environments that block each other are searched for the fewest writes; larger
/// groups are ordered greedily.
///
/// Such an order exists whenever the pools have room for the end state. If they lack it, the steps still cover every
/// change, and [`crate::model::plan::order::Plan::try_new`] refuses them.
pub fn order(draft: &Draft) -> Vec<Step> {
    let numbers = DraftNumbers::of(draft);
    let batches = Batch::of(draft, &numbers);
    let mut free = numbers.free();

    let mut writes = Vec::with_capacity(batches.len());
    let (mut mixed, mut taking, mut switching) = (Vec::new(), Vec::new(), Vec::new());
    for (number, batch) in batches.iter().enumerate() {
        if batch.is_mixed() {
            mixed.push(number);
        } else if !batch.takes.is_empty() {
            taking.push(number);
        } else if batch.gives.is_empty() {
            switching.push(number);
        } else {
            book(&mut free, &batch.net);
            writes.push(whole(number));
        }
    }
    contested::order(&batches, &mixed, &mut free, &mut writes);
    writes.extend(taking.into_iter().chain(switching).map(whole));
    writes.iter().filter_map(|write| batches.get(write.batch).map(|batch| batch.step(write.part, &numbers))).collect()
}

fn whole(batch: usize) -> BatchWrite {
    BatchWrite { batch, part: Part::Whole }
}
