//! What a stranger commits may run nothing on the machine that plans it, and show nothing of that machine.

mod files;
mod git;
mod writing;
