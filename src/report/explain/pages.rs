//! A page for every code. The `match` has no `_` arm, so a code without a page does not compile.

mod syntax;
mod names;
mod sign_in;
mod headroom;
mod rules;
mod tenant;
mod run;

use super::page::Page;
use crate::model::code::Code;

/// The page of a code.
#[expect(clippy::too_many_lines, reason = "a table: one line for each code")]
pub const fn page(code: Code) -> &'static Page {
    match code {
        Code::A101 => &syntax::A101,
        Code::A102 => &syntax::A102,
        Code::A103 => &syntax::A103,
        Code::A104 => &syntax::A104,
        Code::A105 => &syntax::A105,
        Code::A106 => &syntax::A106,
        Code::A107 => &syntax::A107,
        Code::A108 => &syntax::A108,
        Code::A109 => &syntax::A109,
        Code::A110 => &syntax::A110,
        Code::A111 => &syntax::A111,
        Code::A112 => &syntax::A112,
        Code::A113 => &names::A113,
        Code::A114 => &names::A114,
        Code::A115 => &names::A115,
        Code::A116 => &names::A116,
        Code::A117 => &names::A117,
        Code::A118 => &names::A118,
        Code::A119 => &names::A119,
        Code::A120 => &names::A120,
        Code::A122 => &names::A122,
        Code::A123 => &sign_in::A123,
        Code::A124 => &sign_in::A124,
        Code::A125 => &sign_in::A125,
        Code::A126 => &syntax::A126,
        Code::A201 => &headroom::A201,
        Code::A202 => &headroom::A202,
        Code::A203 => &headroom::A203,
        Code::A204 => &headroom::A204,
        Code::A205 => &headroom::A205,
        Code::A206 => &headroom::A206,
        Code::A207 => &headroom::A207,
        Code::A208 => &headroom::A208,
        Code::A209 => &headroom::A209,
        Code::A210 => &headroom::A210,
        Code::A211 => &headroom::A211,
        Code::A301 => &rules::A301,
        Code::A302 => &rules::A302,
        Code::A303 => &rules::A303,
        Code::A304 => &rules::A304,
        Code::A305 => &rules::A305,
        Code::A306 => &rules::A306,
        Code::A307 => &rules::A307,
        Code::A308 => &rules::A308,
        Code::A309 => &rules::A309,
        Code::A310 => &rules::A310,
        Code::A311 => &rules::A311,
        Code::A312 => &rules::A312,
        Code::A401 => &tenant::A401,
        Code::A402 => &tenant::A402,
        Code::A403 => &tenant::A403,
        Code::A404 => &tenant::A404,
        Code::A405 => &tenant::A405,
        Code::A406 => &tenant::A406,
        Code::A407 => &tenant::A407,
        Code::A408 => &tenant::A408,
        Code::A409 => &tenant::A409,
        Code::A410 => &tenant::A410,
        Code::A411 => &tenant::A411,
        Code::A501 => &run::A501,
        Code::A502 => &run::A502,
        Code::A503 => &run::A503,
        Code::A504 => &run::A504,
        Code::A505 => &run::A505,
        Code::A506 => &run::A506,
        Code::A507 => &run::A507,
    }
}
