//! An order for a large group of environments that block each other: whole where it fits, and where nothing does, whoever
//! gives most to the pool that is wanted most gives back first.

use super::work::{Act, Part, Work, book, book_release, fits};

/// Orders a group. Always ends with every work done; where the pools have no room at the end, the last ones do not fit.
pub(super) fn order(works: &[Work], group: &[usize], free: &[i128]) -> Vec<Act> {
    let mut free = free.to_vec();
    let mut acts = Vec::with_capacity(group.len());
    let mut pending: Vec<usize> = group.to_vec();
    let mut released: Vec<usize> = Vec::new();
    while !pending.is_empty() || !released.is_empty() {
        let before = acts.len();
        released.retain(|&number| !advance(works, number, Part::Take, &mut free, &mut acts));
        pending.retain(|&number| !advance(works, number, Part::Whole, &mut free, &mut acts));
        if acts.len() > before {
            continue;
        }
        match best_to_split(works, &pending, &released, &free) {
            Some(number) => {
                pending.retain(|&other| other != number);
                if let Some(work) = works.get(number) {
                    book_release(&mut free, &work.gives);
                }
                acts.push(Act { work: number, part: Part::Release });
                released.push(number);
            }
            None => {
                // Nothing is left to give back: the pools have no room for this, and the replay of the plan says so.
                acts.extend(released.drain(..).map(|work| Act { work, part: Part::Take }));
                acts.extend(pending.drain(..).map(|work| Act { work, part: Part::Whole }));
            }
        }
    }
    acts
}

fn advance(works: &[Work], number: usize, part: Part, free: &mut [i128], acts: &mut Vec<Act>) -> bool {
    let Some(work) = works.get(number) else { return true };
    let shifts = if part == Part::Take { &work.takes } else { &work.net };
    let may = fits(free, shifts);
    if may {
        book(free, shifts);
        acts.push(Act { work: number, part });
    }
    may
}

/// The pending work that gives most to the pool with the largest gap between what is wanted and what is free.
fn best_to_split(works: &[Work], pending: &[usize], released: &[usize], free: &[i128]) -> Option<usize> {
    let mut wanted = vec![0_i128; free.len()];
    let net = pending.iter().filter_map(|&number| works.get(number)).flat_map(|work| &work.net);
    let takes = released.iter().filter_map(|&number| works.get(number)).flat_map(|work| &work.takes);
    for shift in net.chain(takes) {
        if let Some(wanted) = wanted.get_mut(shift.pool) {
            *wanted += shift.units.max(0);
        }
    }
    let mut pools: Vec<usize> = (0..free.len()).collect();
    let gap = |pool: usize| wanted.get(pool).zip(free.get(pool)).map_or(0, |(wanted, free)| wanted - free);
    pools.sort_by_key(|&pool| std::cmp::Reverse(gap(pool)));
    let gives = |number: usize, pool: usize| {
        let gives = works.get(number).map(|work| &work.gives);
        gives.and_then(|gives| gives.iter().find(|give| give.pool == pool)).map_or(0, |give| give.units)
    };
    pools.into_iter().find_map(|pool| {
        let giver = pending.iter().copied().max_by_key(|&number| gives(number, pool))?;
        (gives(giver, pool) > 0).then_some(giver)
    })
}
