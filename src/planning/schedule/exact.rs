//! The fewest writes for a small group of environments that block each other, by looking at every order there is.

use std::collections::{BTreeMap, VecDeque};

use super::work::{Act, Part, Work, fits};

/// Groups up to this size are searched: 3^9 states are few.
const LARGEST_GROUP: usize = 9;
/// Many groups that each take the whole search would add up; past this, groups are ordered greedily.
const MOST_STATES: usize = 200_000;

/// How much searching is left for one draft.
pub(super) struct Effort {
    left: usize,
}

impl Effort {
    pub(super) fn new() -> Effort {
        Effort { left: MOST_STATES }
    }
}

/// How far a work has come, as a digit of a state.
const PENDING: u32 = 0;
const RELEASED: u32 = 1;
const DONE: u32 = 2;

/// An order with the fewest writes; `None` where the group is too large to search, or no order ends.
pub(super) fn order(works: &[Work], group: &[usize], free: &[i128], effort: &mut Effort) -> Option<Vec<Act>> {
    let members: Vec<(usize, &Work)> =
        group.iter().filter_map(|&number| works.get(number).map(|work| (number, work))).collect();
    if members.len() > LARGEST_GROUP {
        return None;
    }
    let last: u32 = (0..members.len()).map(|at| DONE * power(at)).sum();
    let mut came_from: BTreeMap<u32, (u32, Act)> = BTreeMap::new();
    let mut queue = VecDeque::from([0]);
    while let Some(state) = queue.pop_front() {
        if state == last {
            return Some(path(&came_from, state));
        }
        effort.left = effort.left.checked_sub(1)?;
        let free = free_in(state, &members, free);
        for (at, (number, work)) in members.iter().enumerate() {
            for (part, next) in moves(digit(state, at), work, &free) {
                let reached = state + (next - digit(state, at)) * power(at);
                if reached != 0 && !came_from.contains_key(&reached) {
                    came_from.insert(reached, (state, Act { work: *number, part }));
                    queue.push_back(reached);
                }
            }
        }
    }
    None
}

fn power(at: usize) -> u32 {
    u32::try_from(at).ok().and_then(|at| 3_u32.checked_pow(at)).unwrap_or(0)
}

fn digit(state: u32, at: usize) -> u32 {
    state / power(at).max(1) % 3
}

fn free_in(state: u32, members: &[(usize, &Work)], free: &[i128]) -> Vec<i128> {
    let mut free = free.to_vec();
    for (at, (_, work)) in members.iter().enumerate() {
        match digit(state, at) {
            RELEASED => super::work::book_release(&mut free, &work.gives),
            DONE => super::work::book(&mut free, &work.net),
            _ => {}
        }
    }
    free
}

/// What can be written next of a work, and how far it has come then.
fn moves(digit: u32, work: &Work, free: &[i128]) -> Vec<(Part, u32)> {
    match digit {
        PENDING if fits(free, &work.net) => vec![(Part::Whole, DONE), (Part::Release, RELEASED)],
        PENDING => vec![(Part::Release, RELEASED)],
        RELEASED if fits(free, &work.takes) => vec![(Part::Take, DONE)],
        _ => Vec::new(),
    }
}

fn path(came_from: &BTreeMap<u32, (u32, Act)>, end: u32) -> Vec<Act> {
    let mut acts = Vec::new();
    let mut state = end;
    while let Some((before, act)) = came_from.get(&state) {
        acts.push(*act);
        state = *before;
    }
    acts.reverse();
    acts
}
