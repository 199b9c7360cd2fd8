//! The greedy order of batches that block each other: writes each batch whole if it fits. If none fits, splits the batch that gives most
//! to the pool with the largest gap between demand and free units.

use super::batch::{Batch, BatchWrite, Part, book, book_release, fits};

/// Orders every batch of a group. If the pools lack room for the end state, the last writes do not fit.
pub(super) fn order(batches: &[Batch], group: &[usize], free: &[i128]) -> Vec<BatchWrite> {
    let mut free = free.to_vec();
    let mut writes = Vec::with_capacity(group.len());
    let mut pending: Vec<usize> = group.to_vec();
    let mut released: Vec<usize> = Vec::new();
    while !pending.is_empty() || !released.is_empty() {
        let before = writes.len();
        released.retain(|&number| !advance(batches, number, Part::Take, &mut free, &mut writes));
        pending.retain(|&number| !advance(batches, number, Part::Whole, &mut free, &mut writes));
        if writes.len() > before {
            continue;
        }
        match best_to_split(batches, &pending, &released, &free) {
            Some(number) => {
                pending.retain(|&other| other != number);
                if let Some(batch) = batches.get(number) {
                    book_release(&mut free, &batch.gives);
                }
                writes.push(BatchWrite { batch: number, part: Part::Release });
                released.push(number);
            }
            None => {
                // Nothing is left to give back, so the pools lack room. `Plan::try_new` replays the steps and refuses them.
                writes.extend(released.drain(..).map(|batch| BatchWrite { batch, part: Part::Take }));
                writes.extend(pending.drain(..).map(|batch| BatchWrite { batch, part: Part::Whole }));
            }
        }
    }
    writes
}

fn advance(batches: &[Batch], number: usize, part: Part, free: &mut [i128], writes: &mut Vec<BatchWrite>) -> bool {
    let Some(batch) = batches.get(number) else { return true };
    let shifts = if part == Part::Take { &batch.takes } else { &batch.net };
    let may = fits(free, shifts);
    if may {
        book(free, shifts);
        writes.push(BatchWrite { batch: number, part });
    }
    may
}

/// The pending batch that gives most to the pool whose demand exceeds its free units most.
fn best_to_split(batches: &[Batch], pending: &[usize], released: &[usize], free: &[i128]) -> Option<usize> {
    let mut wanted = vec![0_i128; free.len()];
    let net = pending.iter().filter_map(|&number| batches.get(number)).flat_map(|batch| &batch.net);
    let takes = released.iter().filter_map(|&number| batches.get(number)).flat_map(|batch| &batch.takes);
    for shift in net.chain(takes) {
        if let Some(wanted) = wanted.get_mut(shift.pool) {
            *wanted += shift.units.max(0);
        }
    }
    let mut pools: Vec<usize> = (0..free.len()).collect();
    let gap = |pool: usize| wanted.get(pool).zip(free.get(pool)).map_or(0, |(wanted, free)| wanted - free);
    pools.sort_by_key(|&pool| std::cmp::Reverse(gap(pool)));
    let gives = |number: usize, pool: usize| {
        let gives = batches.get(number).map(|batch| &batch.gives);
        gives.and_then(|gives| gives.iter().find(|give| give.pool == pool)).map_or(0, |give| give.units)
    };
    pools.into_iter().find_map(|pool| {
        let giver = pending.iter().copied().max_by_key(|&number| gives(number, pool))?;
        (gives(giver, pool) > 0).then_some(giver)
    })
}
