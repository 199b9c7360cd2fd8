//! The order of a draft's writes: as few as there can be, each of them fitting once those before it are confirmed.

use super::cells::Figures;
use super::contested;
use super::work::{Act, Part, Work, book};
use crate::model::plan::draft::Draft;
use crate::model::plan::order::Step;

/// The writes of a draft, in an order in which every pool stays within what it may hold.
///
/// Environments that only give back come first, then those that give and take, then those that only take, and those where
/// only switches change last. An environment is one write, and two only where pools block each other: it then gives back
/// first and takes later. The number of writes is the smallest possible, proven by exhaustive search for groups of up to
/// nine environments that block each other, and chosen greedily in larger groups.
///
/// There is such an order whenever the pools have room for what they hold at the end. Where they have not, the steps still
/// cover every change once, those that do not fit come late, and [`crate::model::plan::order::Plan::try_new`] refuses them.
pub fn order(draft: &Draft) -> Vec<Step> {
    let figures = Figures::of(draft);
    let works = Work::of(draft, &figures);
    let mut free = figures.free();

    let mut acts = Vec::with_capacity(works.len());
    let (mut mixed, mut taking, mut switching) = (Vec::new(), Vec::new(), Vec::new());
    for (number, work) in works.iter().enumerate() {
        if work.is_mixed() {
            mixed.push(number);
        } else if !work.takes.is_empty() {
            taking.push(number);
        } else if work.gives.is_empty() {
            switching.push(number);
        } else {
            book(&mut free, &work.net);
            acts.push(whole(number));
        }
    }
    contested::settle(&works, &mixed, &mut free, &mut acts);
    acts.extend(taking.into_iter().chain(switching).map(whole));
    acts.iter().filter_map(|act| works.get(act.work).map(|work| work.step(act.part, &figures))).collect()
}

fn whole(work: usize) -> Act {
    Act { work, part: Part::Whole }
}
