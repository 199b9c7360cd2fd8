//! Arbitrary bytes through everything that loading does with a file; the invariants are those of `tests/it/loader_laws.rs`.

#![no_main]

#[path = "../../tests/it/loading.rs"]
mod loading;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| loading::hold(bytes));
