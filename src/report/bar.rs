//! A gauge of twenty blocks.

const BLOCKS: u64 = 20;

/// `███████░░░`: so much of twenty blocks. A share of more than nothing is a block at least, and one of less than everything leaves
/// one free.
pub(super) fn bar(percent: u64) -> String {
    let most = if percent < 100 { BLOCKS - 1 } else { BLOCKS };
    let full = (percent.min(100) * BLOCKS).div_ceil(100).min(most);
    (0..BLOCKS).map(|at| if at < full { '█' } else { '░' }).collect()
}
