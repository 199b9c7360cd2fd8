//! The progress bar of the process. Other output uses [`around`], which hides the bar while it prints.

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

/// Forgets the bar of the process.
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
