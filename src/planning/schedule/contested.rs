//! Environments that give and take: which of them stand in each other's way, and in which groups.

use super::work::{Act, Part, Work, book};
use super::{exact, greedy};

/// Orders the works that give and take. First those that take only where there is enough for everybody; what remains falls
/// into groups that share no pool that is short, and each group is ordered for itself.
pub(super) fn settle(works: &[Work], mixed: &[usize], free: &mut [i128], acts: &mut Vec<Act>) {
    let mut demand = vec![0; free.len()];
    for shift in mixed.iter().filter_map(|&number| works.get(number)).flat_map(|work| &work.net) {
        demand[shift.pool] += shift.units.max(0);
    }
    let remaining = uncontested(works, mixed, free, &mut demand, acts);
    let short: Vec<bool> = free.iter().zip(&demand).map(|(free, demand)| free < demand).collect();
    let mut effort = exact::Effort::new();
    for group in groups(works, &remaining, &short) {
        match exact::order(works, &group, free, &mut effort) {
            Some(found) => acts.extend(found),
            None => acts.extend(greedy::order(works, &group, free)),
        }
        for work in group.iter().filter_map(|&number| works.get(number)) {
            book(free, &work.net);
        }
    }
}

/// Writes whole whatever takes only from pools that have enough for all who still want some; what that gives back may be
/// enough for further pools. Returns the rest.
fn uncontested(
    works: &[Work],
    mixed: &[usize],
    free: &mut [i128],
    demand: &mut [i128],
    acts: &mut Vec<Act>,
) -> Vec<usize> {
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); free.len()];
    let mut hindrances = vec![0_usize; works.len()];
    let mut ready = std::collections::VecDeque::new();
    for &number in mixed {
        let Some(work) = works.get(number) else { continue };
        for pool in hindering(work).filter(|&pool| free[pool] < demand[pool]) {
            hindrances[number] += 1;
            waiting[pool].push(number);
        }
        if hindrances[number] == 0 {
            ready.push_back(number);
        }
    }
    let mut written = vec![false; works.len()];
    while let Some(number) = ready.pop_front() {
        let Some(work) = works.get(number) else { continue };
        written[number] = true;
        acts.push(Act { work: number, part: Part::Whole });
        for shift in &work.net {
            let was_short = free[shift.pool] < demand[shift.pool];
            free[shift.pool] -= shift.units;
            demand[shift.pool] -= shift.units.max(0);
            if was_short && free[shift.pool] >= demand[shift.pool] {
                for waiter in std::mem::take(&mut waiting[shift.pool]) {
                    hindrances[waiter] -= 1;
                    if hindrances[waiter] == 0 {
                        ready.push_back(waiter);
                    }
                }
            }
        }
    }
    mixed.iter().copied().filter(|&number| !written[number]).collect()
}

/// The pools that must not be short for a work to be written whole without a second thought: those that it takes from, and
/// those where it swaps, because split in two it would lend them something for a while.
fn hindering(work: &Work) -> impl Iterator<Item = usize> {
    let net_takes = work.net.iter().filter(|shift| shift.units > 0).map(|shift| shift.pool);
    let net_takes: Vec<usize> = net_takes.collect();
    let swaps: Vec<usize> = work.swaps_within().filter(|pool| !net_takes.contains(pool)).collect();
    net_takes.into_iter().chain(swaps)
}

/// Works that have to do with each other through a pool that is short, in order of their first one.
fn groups(works: &[Work], remaining: &[usize], short: &[bool]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..short.len()).collect();
    let pools_of = |number: usize| {
        let moves = works.get(number).into_iter().flat_map(|work| work.gives.iter().chain(&work.takes));
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
        // A work that remains touches a pool that is short, or it would have been written.
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
