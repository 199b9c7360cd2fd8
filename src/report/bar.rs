//! A gauge of twenty blocks, as text.

const BLOCKS: u64 = 20;

/// `███████░░░`: a percentage as filled blocks. More than 0% fills at least one block, and less than 100% leaves at least one empty.
pub(super) fn bar(percent: u64) -> String {
    let most = if percent < 100 { BLOCKS - 1 } else { BLOCKS };
    let full = (percent.min(100) * BLOCKS).div_ceil(100).min(most);
    (0..BLOCKS).map(|at| if at < full { '█' } else { '░' }).collect()
}
