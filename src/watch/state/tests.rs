//! The laws of a watch, over random weeks: programs that save in every way, git, a root that goes away, a tenant that is down, clocks that
//! jump, and requests to stop.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use super::Watch;
use crate::watch::step::{Appointments, Manner, Moment, Note, Obstacle, PassEnd, Step, Touch, Trigger};

/// Something that happens in the world.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// A program opens a file and writes a part.
    Open(usize),
    /// It writes the rest, and closes the file.
    Close(usize),
    /// A program renames a whole file over another.
    Replace(usize),
    /// A program saves the same text again.
    Same(usize),
    /// The root file goes away, or comes back.
    Root(bool),
    /// Git begins or ends.
    Git(bool),
    /// The tenant goes down or comes back.
    Tenant(bool),
    /// The guards begin or cease to refuse.
    Guards(bool),
    /// The machine sleeps so many minutes: the wall clock jumps.
    Sleep(u64),
    /// The system loses the events of this moment.
    Lose,
    /// The user asks the watch to end.
    Stop,
}

/// A file: its version, and whether a program has written only a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct File {
    version: u32,
    is_torn: bool,
}

struct World {
    acts: Vec<(Duration, Act)>,
    manner: Manner,
    running: Duration,
    slept: Duration,
    files: [File; 3],
    /// The files that were open when the system lost events. That they are open is not known.
    unseen: BTreeSet<usize>,
    is_rooted: bool,
    git: Option<&'static str>,
    is_up: bool,
    refuses: bool,
    is_stopped: bool,
    watch: Watch,
    /// The passes: the files that each was made of, and how it ended.
    passes: Vec<([File; 3], PassEnd, Trigger)>,
    /// When the last pass began, by the wall clock.
    last: Option<Timestamp>,
    date: Timestamp,
    notes: Vec<Note>,
    interval: Option<Duration>,
}

const START: &str = "2026-11-29T20:00:00Z";

fn path(file: usize) -> PathBuf {
    PathBuf::from(format!("environments/{file}.yaml"))
}

/// A random story of twenty minutes.
fn story(random: &mut Rng) -> Vec<(Duration, Act)> {
    let mut acts = Vec::new();
    for _ in 0..random.usize(0..12) {
        let at = Duration::from_millis(random.u64(0..1_200_000) / if random.bool() { 1 } else { 50 });
        let after = |random: &mut Rng, most: u64| at + Duration::from_millis(random.u64(0..most));
        let file = random.usize(0..3);
        match random.u8(0..12) {
            0..4 => {
                acts.push((at, Act::Open(file)));
                let most = [5, 400, 30_000][random.usize(0..3)];
                acts.push((after(random, most), Act::Close(file)));
            }
            4 | 5 => acts.push((at, Act::Replace(file))),
            6 => acts.push((at, Act::Same(file))),
            7 => acts.extend([(at, Act::Root(false)), (after(random, 60_000), Act::Root(true))]),
            8 => {
                acts.extend([(at, Act::Git(true)), (after(random, 20_000), Act::Git(false))]);
                (0..random.usize(0..9))
                    .for_each(|_| acts.push((after(random, 20_000), Act::Replace(random.usize(0..3)))));
            }
            9 => acts.extend([(at, Act::Tenant(false)), (after(random, 200_000), Act::Tenant(true))]),
            10 => acts.extend([(at, Act::Guards(true)), (after(random, 90_000), Act::Guards(false))]),
            _ => acts.push((
                at,
                match random.u8(0..10) {
                    0..6 => Act::Sleep(random.u64(1..700)),
                    6..9 => Act::Lose,
                    _ => Act::Stop,
                },
            )),
        }
    }
    // At the end everything is in order again, and something was saved.
    let end = Duration::from_mins(22);
    acts.extend([Act::Root(true), Act::Git(false), Act::Tenant(true), Act::Guards(false)].map(|act| (end, act)));
    acts.extend((0..3).map(|file| (end, Act::Close(file))));
    acts.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    acts
}

impl World {
    fn new(manner: Manner, acts: Vec<(Duration, Act)>) -> World {
        World {
            acts,
            manner,
            running: Duration::ZERO,
            slept: Duration::ZERO,
            files: [File::default(); 3],
            unseen: BTreeSet::new(),
            is_rooted: true,
            git: None,
            is_up: true,
            refuses: false,
            is_stopped: false,
            watch: Watch::new(manner),
            passes: Vec::new(),
            last: None,
            date: "2026-11-29T23:00:00Z".parse().unwrap(),
            notes: Vec::new(),
            interval: None,
        }
    }

    fn now(&self) -> Moment {
        let wall: Timestamp = START.parse().unwrap();
        let passed = SignedDuration::try_from(self.running + self.slept).unwrap();
        Moment { running: self.running, wall: wall + passed }
    }

    fn obstacle(&self) -> Option<Obstacle> {
        let git = self.git.map(Obstacle::Git);
        if self.is_rooted { git } else { Some(Obstacle::NoRoot) }
    }

    /// Lets time pass, and what happens in it.
    fn pass_time(&mut self, most: Duration) {
        let end = self.running + most;
        while self.acts.last().is_some_and(|(at, _)| *at <= end) {
            let (at, act) = self.acts.pop().unwrap();
            self.running = self.running.max(at);
            self.act(act);
        }
        self.running = self.running.max(end);
    }

    fn act(&mut self, act: Act) {
        let now = self.now();
        let mut touched = |file: usize, touch| self.watch.touched(now, path(file), touch);
        match act {
            Act::Open(number) => {
                let file = &mut self.files[number];
                (file.version, file.is_torn) = (file.version + 1, true);
                touched(number, Touch::Written);
            }
            Act::Close(number) => {
                let file = &mut self.files[number];
                self.unseen.remove(&number);
                if std::mem::take(&mut file.is_torn) {
                    touched(number, Touch::Written);
                    touched(number, Touch::Done);
                }
            }
            Act::Replace(number) => {
                let file = &mut self.files[number];
                *file = File { version: file.version + 1, is_torn: false };
                touched(number, Touch::Done);
            }
            // Two programs that write to one file at once cannot be told apart.
            Act::Same(number) if self.files[number].is_torn => {}
            Act::Same(number) => touched(number, Touch::Done),
            Act::Root(is_there) if is_there != self.is_rooted => {
                self.is_rooted = is_there;
                touched(9, Touch::Done);
            }
            Act::Git(begins) => self.git = begins.then_some("a rebase"),
            Act::Tenant(is_up) => self.is_up = is_up,
            Act::Guards(refuse) => self.refuses = refuse,
            Act::Sleep(minutes) => self.slept += Duration::from_mins(minutes),
            Act::Lose => {
                self.unseen.extend((0..3).filter(|number| self.files[*number].is_torn));
                self.watch.lost_track(now);
            }
            Act::Stop => {
                self.is_stopped = true;
                self.watch.stop();
            }
            Act::Root(_) => {}
        }
    }

    /// Follows the watch to the end of the story and some time beyond it.
    fn run(&mut self, random: &mut Rng) {
        let end = Duration::from_mins(45);
        let mut steps = 0;
        while self.running < end {
            steps += 1;
            assert!(steps < 20_000, "the watch is busy with nothing: {:?}", self.watch);
            let step = self.watch.next(self.now());
            assert!(!self.is_stopped || step == Step::End, "it goes on after it was asked to end: {step:?}");
            match step {
                Step::End => return,
                Step::Note(note) => self.notes.push(note),
                Step::Wait(most) => {
                    assert_ne!(most, Some(Duration::ZERO), "it waits for nothing: {:?}", self.watch);
                    let next = self.acts.last().map(|(at, _)| at.saturating_sub(self.running));
                    let rest = end.saturating_sub(self.running);
                    self.pass_time([most, next, Some(rest)].into_iter().flatten().min().unwrap());
                }
                Step::Look => {
                    let obstacle = self.obstacle();
                    self.pass_time(Duration::from_millis(random.u64(0..3)));
                    self.watch.looked(self.now(), obstacle);
                }
                Step::Read => {
                    let files = self.files;
                    self.pass_time(Duration::from_millis(random.u64(0..20)));
                    let content = files.map(|file| char::from_u32(2 * file.version + u32::from(file.is_torn)).unwrap());
                    self.watch.read(self.now(), String::from_iter(content), self.obstacle());
                }
                Step::Pass(trigger) => self.make_pass(trigger, random),
            }
        }
    }

    fn make_pass(&mut self, trigger: Trigger, random: &mut Rng) {
        let files = self.files;
        let began = self.now().wall;
        self.last = Some(began);
        if self.manner.applies {
            assert_eq!(self.obstacle(), None, "it applies although something is in the way");
            if self.manner.sees_closes {
                let is_half = |number: usize| files[number].is_torn && !self.unseen.contains(&number);
                assert!(!(0..3).any(is_half), "it applies half of a save: {files:?}");
            }
        }
        assert!(self.is_rooted, "it plans without a root file");
        let long = if random.bool() { 50 } else { 20_000 };
        self.pass_time(Duration::from_millis(random.u64(0..long)));
        let end = match (self.refuses, self.is_up) {
            (true, _) => PassEnd::Refused,
            (false, false) => PassEnd::Failed,
            (false, true) => PassEnd::Done,
        };
        self.passes.push((files, end, trigger));
        let next = Appointments { date: (began < self.date).then_some(self.date), check: self.interval };
        self.watch.ended(self.now(), end, next);
    }
}

fn manners() -> [Manner; 4] {
    let manner = |applies, sees_closes| Manner { applies, sees_closes };
    [manner(false, true), manner(true, true), manner(false, false), manner(true, false)]
}

/// Over 10^5 stories: nothing is applied that is half of a save, without a root file or in the middle of git; what is in the files at the
/// end was done; a date that came is noticed; and a watch that is asked to end does nothing more. ALLOT_WATCH_SEED repeats one story,
/// ALLOT_WATCH_STORIES sets their number.
#[test]
fn the_laws_hold_in_random_stories() {
    let first = std::env::var("ALLOT_WATCH_SEED").ok().and_then(|seed| seed.parse().ok());
    let stories = std::env::var("ALLOT_WATCH_STORIES").ok().and_then(|many| many.parse().ok()).unwrap_or(100_000);
    let seeds = first.map_or(0..stories, |seed| seed..seed + 1);
    for seed in seeds {
        let mut random = Rng::with_seed(seed);
        let manner = manners()[usize::try_from(seed % 4).unwrap()];
        let acts = story(&mut random);
        let saves = acts.len();
        let mut world = World::new(manner, acts.clone());
        // The shorter interval comes between a failure and its retry.
        world.interval = [None, Some(Duration::from_mins(5)), None, Some(Duration::from_secs(47))]
            [usize::try_from(seed / 4 % 4).unwrap()];
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            world.run(&mut random);
            check(&world, saves);
        }));
        // The fault itself was printed already.
        assert!(outcome.is_ok(), "ALLOT_WATCH_SEED={seed}: {manner:?} {:?}", acts.iter().rev().collect::<Vec<_>>());
    }
}

fn check(world: &World, acts: usize) {
    if world.is_stopped {
        return;
    }
    // A look at the tenant applies nothing.
    let mut applying = world.passes.iter().rev().filter(|(.., trigger)| *trigger != Trigger::Interval);
    let (files, end, _) = applying.next().expect("a watch begins with a pass");
    assert_eq!(files, &world.files, "the last pass is of other files: {:?}", world.passes);
    // Without an interval, what the guards refused waits for a save.
    assert!(matches!(end, PassEnd::Done | PassEnd::Refused), "the last pass: {:?}", world.passes);
    let is_extra =
        |(_, end, trigger): &&(_, PassEnd, Trigger)| *end == PassEnd::Failed || *trigger == Trigger::Interval;
    let extra = world.passes.iter().filter(is_extra).count();
    assert!(world.passes.len() <= 2 * acts + extra + 2, "{} passes for {acts} acts", world.passes.len());
    let dates = world.passes.iter().filter(|(.., trigger)| *trigger == Trigger::Date).count();
    assert!(dates <= 1, "one date has come");
    let is_past = world.now().wall > world.date + SignedDuration::from_secs(60);
    assert!(!is_past || world.last >= Some(world.date), "the date came and nothing happened");
}

/// The next pass at a time, if there is one: nothing is in the way, and the files hold `content`.
fn pass_at(watch: &mut Watch, seconds: u64, content: &str) -> Option<Trigger> {
    let now = Moment { running: Duration::from_secs(seconds), wall: START.parse().unwrap() };
    loop {
        match watch.next(now) {
            Step::Look => watch.looked(now, None),
            Step::Read => watch.read(now, content.to_owned(), None),
            Step::Pass(trigger) => return Some(trigger),
            Step::Note(_) => {}
            Step::Wait(_) | Step::End => return None,
        }
    }
}

/// Ends a pass; a look at the tenant is due after three seconds.
fn end_at(watch: &mut Watch, seconds: u64, end: PassEnd) {
    let now = Moment { running: Duration::from_secs(seconds), wall: START.parse().unwrap() };
    watch.ended(now, end, Appointments { date: None, check: Some(Duration::from_secs(3)) });
}

#[test]
fn a_look_at_the_tenant_does_not_stand_in_for_an_apply() {
    let manner = Manner { applies: true, sees_closes: true };
    // What failed is made again, and not only looked at.
    let mut watch = Watch::new(manner);
    assert_eq!(pass_at(&mut watch, 0, "a"), Some(Trigger::Start));
    end_at(&mut watch, 0, PassEnd::Failed);
    assert_eq!(pass_at(&mut watch, 3, "a"), Some(Trigger::Retry));
    // What was refused is tried again when the same text is saved, also after a look.
    end_at(&mut watch, 3, PassEnd::Refused);
    assert_eq!(pass_at(&mut watch, 6, "a"), Some(Trigger::Interval));
    end_at(&mut watch, 6, PassEnd::Done);
    let now = Moment { running: Duration::from_secs(7), wall: START.parse().unwrap() };
    watch.touched(now, path(0), Touch::Done);
    assert_eq!(pass_at(&mut watch, 8, "a"), Some(Trigger::Saved([path(0)].into())));
}
