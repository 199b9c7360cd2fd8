//! The progress bar of the process, which other lines have to step around.

use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn bar() -> MutexGuard<'static, Option<ProgressBar>> {
    BAR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes this the bar of the process.
pub fn shown(shown: &ProgressBar) {
    *bar() = Some(shown.clone());
}

/// The process has no bar any more.
pub fn gone() {
    *bar() = None;
}

/// Prints while the bar is hidden.
pub fn around(print: impl FnOnce()) {
    let shown = bar().clone();
    match shown {
        Some(shown) => shown.suspend(print),
        None => print(),
    }
}
