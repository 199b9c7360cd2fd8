//! Random small tenants and configurations. Numbers are drawn freely and then clipped, so that most worlds fit their pools and shrink well.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use super::language::{Language, Marks, languages, marks};
use super::tenant::{ADD_ONS, Semantics, Surface};
use super::weather::{Act, Fault, Odd, RetryAfter, Route, What};

/// A value for each add-on.
pub(super) type Each<T> = [T; ADD_ONS.len()];

/// An amount in the configuration.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Amount {
    pub(super) units: u32,
    /// A grant: its units, and whether it begins with the new year. Otherwise it has begun already and ends with the
    /// old year.
    pub(super) grant: Option<(u32, bool)>,
    /// The switches that are named, in the order of [`super::tenant::SWITCHES`].
    pub(super) switches: [Option<bool>; 4],
}

impl Amount {
    /// Whether the configuration names the units, not only the switches.
    pub(super) fn names_units(&self) -> bool {
        !self.units.is_multiple_of(20) || self.grant.is_some() || self.switches == [None; 4]
    }
}

/// An entry of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Holding {
    pub(super) units: u32,
    pub(super) rules: [Option<bool>; 4],
    pub(super) auto: Option<u32>,
    /// Whether it has fields and a rule that `allot` does not know.
    pub(super) strange: bool,
}

/// One environment: what the tenant has, and what the configuration says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Environment {
    /// What it holds; nothing at all means that there is no document.
    pub(super) holds: Each<Option<Holding>>,
    pub(super) consumed: Each<Option<u32>>,
    pub(super) is_listed: bool,
    pub(super) state: &'static str,
    /// `None` for an environment that no file names.
    pub(super) declared: Option<Declared>,
}

/// What the configuration says about an environment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declared {
    pub(super) amounts: Each<Option<Amount>>,
    pub(super) floors: Each<Option<u32>>,
    pub(super) protect: bool,
    pub(super) marks: Marks,
}

/// What was purchased of one add-on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Purchase {
    pub(super) live: Option<u32>,
    /// What the configuration says: this year, and from the new year on if that differs.
    pub(super) declared: Option<(u32, Option<u32>)>,
    pub(super) reserve: u32,
    pub(super) debt: u32,
    pub(super) most_decrease: Option<u32>,
}

/// A world.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct World {
    pub(super) semantics: Semantics,
    pub(super) refuses_over_allocation: bool,
    /// A surface that does not take an add-on.
    pub(super) refuses: Option<(Surface, usize)>,
    /// Whether the first environment is the default one, and whether units for it are allowed.
    pub(super) default_environment: Option<bool>,
    /// Whether the service has the middle surface, the newest surface, and the new listing of environments.
    pub(super) has: [bool; 3],
    pub(super) page: usize,
    pub(super) latency: u16,
    /// Seconds before the new year; `None` for a day in November.
    pub(super) before_new_year: Option<u16>,
    pub(super) purchases: Each<Purchase>,
    pub(super) environments: Vec<Environment>,
    pub(super) only_specific_admins: bool,
    pub(super) who_can_allocate: Option<bool>,
    pub(super) max_decrease_percent: Option<u8>,
    pub(super) below_consumption: bool,
    pub(super) target: Option<u8>,
    pub(super) parallelism: u8,
    /// Whether the plan is saved first.
    pub(super) is_saved: bool,
    /// Whether the first process is run with every allowance that a plan in clear weather names.
    pub(super) is_resolute: bool,
    /// Seconds that the operator thinks; 0 for `--auto-approve`.
    pub(super) thinks: u16,
    /// Percents of the desired amounts in the configuration of a second process.
    pub(super) other: u8,
    /// Whether the pools are full at the start, and are to be full at the end.
    pub(super) is_full: bool,
    /// Whether the environments exchange what they hold of the first add-on.
    pub(super) is_move: bool,
    /// Whether it is on the built-in tenant.
    pub(super) is_local: bool,
    pub(super) language: Language,
    pub(super) faults: Vec<Fault>,
}

/// Worlds.
pub(super) fn worlds() -> impl Strategy<Value = World> {
    let service = (
        prop_oneof![Just(Semantics::Merge), Just(Semantics::ReplaceEntry), Just(Semantics::ReplaceDocument)],
        prop::bool::weighted(0.2),
        prop_oneof![
            8 => Just([true, true, true]), 1 => Just([false, true, true]), 1 => Just([false, false, true]),
            1 => Just([true, true, false])
        ],
        prop_oneof![3 => Just(100usize), 1 => 1usize..4],
        prop_oneof![3 => Just(50u16), 1 => 1u16..3000],
        weighted(0.25, 0u16..90),
    );
    let tenant =
        ([purchase(), purchase(), purchase(), purchase()], vec(environment(), 2..6), prop::bool::weighted(0.9));
    let configuration = (
        weighted(0.1, any::<bool>()),
        weighted(0.15, prop_oneof![Just(0u8), Just(30), Just(50)]),
        prop::bool::weighted(0.3),
        weighted(0.1, 0u8..6),
        1u8..5,
        prop::bool::weighted(0.2),
        prop_oneof![6 => Just(0u16), 1 => 1u16..120],
        prop_oneof![Just(0u8), Just(50), Just(150)],
        prop::bool::weighted(0.7),
    );
    let surface = prop_oneof![Just(Surface::Middle), Just(Surface::Newest), Just(Surface::Oldest)];
    let kind =
        (any::<bool>(), prop::bool::weighted(0.4), weighted(0.06, (surface, 0usize..4)), weighted(0.06, any::<bool>()));
    let all = (service, tenant, configuration, faults(), kind, languages());
    all.prop_map(|(service, tenant, configuration, faults, kind, language)| {
        let mut world = World {
            semantics: service.0,
            refuses_over_allocation: service.1,
            refuses: kind.2,
            default_environment: kind.3,
            has: service.2,
            page: service.3,
            latency: service.4,
            before_new_year: service.5,
            purchases: tenant.0,
            environments: tenant.1,
            only_specific_admins: tenant.2,
            who_can_allocate: configuration.0,
            max_decrease_percent: configuration.1,
            below_consumption: configuration.2,
            target: configuration.3,
            parallelism: configuration.4,
            is_saved: configuration.5,
            is_resolute: configuration.8,
            thinks: configuration.6,
            other: configuration.7,
            is_full: kind.0,
            is_move: kind.1,
            is_local: false,
            language,
            faults,
        };
        world.clip();
        world.finish();
        world
    })
}

fn tens(most: u32) -> impl Strategy<Value = u32> {
    prop_oneof![3 => (0..=most / 10).prop_map(|tens| tens * 10), 1 => 0..=most]
}

fn purchase() -> impl Strategy<Value = Purchase> {
    let declared =
        (prop_oneof![5 => Just(100u32), 1 => tens(150)], weighted(0.3, prop_oneof![Just(100u32), tens(150)]));
    (
        weighted(0.96, prop_oneof![3 => Just(100u32), 1 => tens(150)]),
        weighted(0.4, declared),
        prop_oneof![4 => Just(0u32), 1 => 0u32..15],
        prop_oneof![4 => Just(0u32), 1 => tens(50)],
        weighted(0.05, tens(100)),
    )
        .prop_map(|(live, declared, reserve, debt, most_decrease)| Purchase {
            live,
            declared,
            reserve,
            debt,
            most_decrease,
        })
}

fn holding() -> impl Strategy<Value = Holding> {
    let rules = [rule(), rule(), rule(), rule()];
    (tens(100), rules, weighted(0.15, 0u32..9), prop::bool::weighted(0.15))
        .prop_map(|(units, rules, auto, strange)| Holding { units, rules, auto, strange })
}

fn rule() -> impl Strategy<Value = Option<bool>> {
    weighted(0.15, any::<bool>())
}

fn amount() -> impl Strategy<Value = Amount> {
    let switches = [named(), named(), named(), named()];
    (tens(100), weighted(0.1, (1u32..30, any::<bool>())), switches).prop_map(|(units, grant, switches)| Amount {
        units,
        grant,
        switches,
    })
}

fn named() -> impl Strategy<Value = Option<bool>> {
    weighted(0.06, any::<bool>())
}

fn each<T: std::fmt::Debug, S: Strategy<Value = T>>(of: impl Fn() -> S) -> impl Strategy<Value = Each<Option<T>>> {
    [weighted(0.7, of()), weighted(0.35, of()), weighted(0.3, of()), weighted(0.35, of())]
}

fn environment() -> impl Strategy<Value = Environment> {
    let floors = [rare_floor(), rare_floor(), rare_floor(), rare_floor()];
    let declared = (each(amount), floors, prop::bool::weighted(0.05), marks());
    let declared = declared.prop_map(|(amounts, floors, protect, marks)| Declared { amounts, floors, protect, marks });
    let consumed = [weighted(0.3, 0u32..40), weighted(0.1, 0u32..40), weighted(0.1, 0u32..40), weighted(0.2, 0u32..40)];
    let state = prop_oneof![40 => Just("Ready"), 1 => Just("Disabled"), 1 => Just("Deleting")];
    (each(holding), consumed, prop::bool::weighted(0.98), state, weighted(0.85, declared)).prop_map(
        |(holds, consumed, is_listed, state, declared)| Environment { holds, consumed, is_listed, state, declared },
    )
}

fn rare_floor() -> impl Strategy<Value = Option<u32>> {
    weighted(0.03, tens(60))
}

/// The faults of a world: of all kinds, or of one kind where it hurts most.
fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let lost = (0u8..5, 0u8..6, 1u8..4, prop_oneof![6 => Just(Route::Documents), 1 => Just(Route::Environments)])
        .prop_map(|(nth, row, times, on)| Fault { on, nth, times, what: What::Lost(row) });
    let troubled = (0u8..4, 1u8..3, trouble(true))
        .prop_map(|(nth, times, what)| Fault { on: Route::Write, nth, times, what })
        .boxed();
    let ending = prop_oneof![
        (0u16..200).prop_map(|after| What::Kill { after }),
        (0u16..200, any::<bool>()).prop_map(|(after, twice)| What::Stop { after, twice })
    ];
    let ended =
        (prop_oneof![3 => Just(Route::Write), 1 => Just(Route::Documents), 1 => Just(Route::Document)], 0u8..4, ending)
            .prop_map(|(on, nth, what)| Fault { on, nth, times: 1, what });
    prop_oneof![
        4 => vec(fault(), 0..6),
        2 => vec(lost.clone(), 1..4),
        1 => vec(troubled.clone(), 1..4),
        1 => (vec(lost, 0..2), vec(troubled.clone(), 1..3)).prop_map(|(one, other)| [one, other].concat()),
        1 => (vec(troubled, 0..2), ended).prop_map(|(one, other)| [one, vec![other]].concat()),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    let lists = prop_oneof![
        3 => Just(Route::Documents), 1 => Just(Route::Environments), 1 => Just(Route::Reports)
    ];
    let reads = prop_oneof![
        3 => Just(Route::Documents), 2 => Just(Route::Environments), 2 => Just(Route::Reports),
        1 => Just(Route::Settings), 2 => Just(Route::Document), 1 => Just(Route::Entitlements)
    ];
    let any_route = prop_oneof![
        3 => Just(Route::Documents), 1 => Just(Route::Environments), 1 => Just(Route::Reports), 1 => Just(Route::Document),
        4 => Just(Route::Write), 1 => Just(Route::Settings)
    ];
    let kind = prop_oneof![
        4 => (lists, prop_oneof![3 => (0u8..6).prop_map(What::Lost), 1 => (0u8..6).prop_map(What::Doubled)]),
        2 => (reads.clone(), odd()),
        1 => (reads, prop_oneof![Just(1u16), Just(5), Just(60), Just(890)].prop_map(|seconds| What::Stale { seconds })),
        3 => (Just(Route::Write), trouble(true)),
        2 => (any_route.clone(), trouble(false)),
        2 => (any_route.clone(), (act(), 0u16..200).prop_map(|(act, after)| What::Outside { act, after })),
        1 => (any_route.clone(), (0u16..200).prop_map(|after| What::Kill { after })),
        1 => (any_route, (0u16..200, any::<bool>()).prop_map(|(after, twice)| What::Stop { after, twice })),
    ];
    (kind, prop_oneof![4 => 0u8..2, 1 => 0u8..8], prop_oneof![4 => Just(1u8), 1 => 1u8..8])
        .prop_map(|((on, what), nth, times)| Fault { on, nth, times, what })
}

fn odd() -> impl Strategy<Value = What> {
    let kind = prop_oneof![
        Just(Odd::WrongType),
        Just(Odd::Null),
        Just(Odd::Missing),
        Just(Odd::UnknownWord),
        Just(Odd::UnknownId)
    ];
    prop_oneof![6 => (0u8..6, kind).prop_map(|(row, odd)| What::Odd(row, odd)), 1 => Just(What::Html),
        1 => Just(What::AlienNotFound)]
}

/// Trouble with a response. A status that refuses comes without an effect; a status that leaves the effect open comes
/// with or without one.
fn trouble(writes: bool) -> impl Strategy<Value = What> {
    let wait = prop_oneof![
        3 => Just(RetryAfter::None), 2 => (0u16..90).prop_map(RetryAfter::Seconds), 1 => (0u16..90).prop_map(RetryAfter::Date),
        1 => Just(RetryAfter::Fraction), 1 => Just(RetryAfter::Huge), 1 => Just(RetryAfter::Garbage)
    ];
    let refused = prop_oneof![Just(400u16), Just(401), Just(425), Just(429), Just(423)];
    let unclear = prop_oneof![Just(408u16), Just(499), Just(500), Just(502), Just(503), Just(504)];
    prop_oneof![
        3 => any::<bool>().prop_map(|effect| What::Broken { effect }),
        1 => any::<bool>().prop_map(|effect| What::Silent { effect }),
        u32::from(writes) => (1u8..60).prop_map(|after| What::Late { after }),
        2 => (refused, wait.clone()).prop_map(|(code, retry_after)| What::Status { code, retry_after, effect: false }),
        2 => (unclear, wait, any::<bool>())
            .prop_map(|(code, retry_after, effect)| What::Status { code, retry_after, effect }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0u8..6, 0u8..4, tens(100)).prop_map(|(place, add_on, units)| Act::Sets(place, add_on, units)),
        2 => (0u8..4, tens(150)).prop_map(|(add_on, units)| Act::Purchase(add_on, units)),
        2 => (0u8..6, 0u8..5).prop_map(|(place, state)| Act::State(place, state)),
        1 => any::<bool>().prop_map(Act::SecondApply),
    ]
}
