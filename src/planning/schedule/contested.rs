//! Orders the batches that give and take: first those that contend for no pool, then the others in independent groups.

use super::batch::{Batch, BatchWrite, Part, book};
use super::{exact, greedy};

/// Orders the batches that give and take, and books them.
///
/// Batches that take only from pools with enough units for all come first. The others form groups that share no short
/// pool, and each group has its own order.
pub(super) fn order(batches: &[Batch], mixed: &[usize], free: &mut [i128], writes: &mut Vec<BatchWrite>) {
    let mut demand = vec![0; free.len()];
    for shift in mixed.iter().filter_map(|&number| batches.get(number)).flat_map(|batch| &batch.net) {
        demand[shift.pool] += shift.units.max(0);
    }
    let remaining = uncontested(batches, mixed, free, &mut demand, writes);
    let short: Vec<bool> = free.iter().zip(&demand).map(|(free, demand)| free < demand).collect();
    let mut search = exact::SearchLimit::new();
    for group in groups(batches, &remaining, &short) {
        match exact::order(batches, &group, free, &mut search) {
            Some(found) => writes.extend(found),
            None => writes.extend(greedy::order(batches, &group, free)),
        }
        for batch in group.iter().filter_map(|&number| batches.get(number)) {
            book(free, &batch.net);
        }
    }
}

/// Adds one write for each batch that takes only from pools with enough units for all remaining demand. The units that such
/// a batch gives back can relieve further pools. Returns the batches that remain.
fn uncontested(
    batches: &[Batch],
    mixed: &[usize],
    free: &mut [i128],
    demand: &mut [i128],
    writes: &mut Vec<BatchWrite>,
) -> Vec<usize> {
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); free.len()];
    let mut short_pools = vec![0_usize; batches.len()];
    let mut ready = std::collections::VecDeque::new();
    for &number in mixed {
        let Some(batch) = batches.get(number) else { continue };
        for pool in needed_pools(batch).filter(|&pool| free[pool] < demand[pool]) {
            short_pools[number] += 1;
            waiting[pool].push(number);
        }
        if short_pools[number] == 0 {
            ready.push_back(number);
        }
    }
    let mut written = vec![false; batches.len()];
    while let Some(number) = ready.pop_front() {
        let Some(batch) = batches.get(number) else { continue };
        written[number] = true;
        writes.push(BatchWrite { batch: number, part: Part::Whole });
        for shift in &batch.net {
            let was_short = free[shift.pool] < demand[shift.pool];
            free[shift.pool] -= shift.units;
            demand[shift.pool] -= shift.units.max(0);
            if was_short && free[shift.pool] >= demand[shift.pool] {
                for waiter in std::mem::take(&mut waiting[shift.pool]) {
                    short_pools[waiter] -= 1;
                    if short_pools[waiter] == 0 {
                        ready.push_back(waiter);
                    }
                }
            }
        }
    }
    mixed.iter().copied().filter(|&number| !written[number]).collect()
}

/// The pools that must have enough for all demand before a batch is written whole: those from which it takes more than
/// it gives back, and those that it both gives back to and takes from. In the latter, splitting the batch would free
/// units for others between its two writes.
fn needed_pools(batch: &Batch) -> impl Iterator<Item = usize> {
    let net_takes = batch.net.iter().filter(|shift| shift.units > 0).map(|shift| shift.pool);
    let net_takes: Vec<usize> = net_takes.collect();
    let swaps: Vec<usize> = batch.swaps_within().filter(|pool| !net_takes.contains(pool)).collect();
    net_takes.into_iter().chain(swaps)
}

/// Groups of batches that contend for a short pool, in the order of their first batches.
fn groups(batches: &[Batch], remaining: &[usize], short: &[bool]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..short.len()).collect();
    let pools_of = |number: usize| {
        let moves = batches.get(number).into_iter().flat_map(|batch| batch.gives.iter().chain(&batch.takes));
        moves.map(|shift| shift.pool).filter(|&pool| short[pool])
    };
    for &number in remaining {
        let mut pools = pools_of(number);
        if let Some(first) = pools.next() {
            let first = find(&mut leader, first);
            for pool in pools {
                let other = find(&mut leader, pool);
                leader[other] = first;
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of = vec![None; short.len()];
    for &number in remaining {
        // A batch that remains touches a short pool; otherwise `uncontested` would have written it.
        let Some(pool) = pools_of(number).next() else { continue };
        let slot = &mut group_of[find(&mut leader, pool)];
        match *slot {
            Some(group) => {
                let group: &mut Vec<usize> = &mut groups[group];
                group.push(number);
            }
            None => {
                *slot = Some(groups.len());
                groups.push(vec![number]);
            }
        }
    }
    groups
}

fn find(leader: &mut [usize], mut pool: usize) -> usize {
    while leader[pool] != pool {
        leader[pool] = leader[leader[pool]];
        pool = leader[pool];
    }
    pool
}
