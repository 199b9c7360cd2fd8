//! A plan as a comment on a pull request: verdict, pools, changes, findings, what was not checked.

use super::clean::clean;
use super::number::{number, signed};
use super::view::basics::FindingView;
use super::view::plan::{ChangeView, PlanVerdict, PlanView};
use super::view::pool::PoolView;
use crate::model::plan::ChangeKind;

/// The comment.
pub fn plan(view: &PlanView) -> String {
    let mut text = format!("### {}\n\n", verdict(view));
    text.push_str("| Add-on | Allocated now → after | Owned | Reserve | Free after | |\n|:--|--:|--:|--:|--:|:--|\n");
    for pool in &view.pools {
        text.push_str(&row(pool));
    }
    if !view.changes.is_empty() || view.setting.is_some() {
        text.push_str(
            "\n| | Environment | Add-on | Now | After | Change | Until | Why |\n|:-:|:--|:--|--:|--:|--:|:--|:--|\n",
        );
        for change in &view.changes {
            text.push_str(&changed(change));
        }
    }
    if let Some(setting) = &view.setting {
        let before = setting.before.map_or("not set", |before| before.as_str());
        text.push_str(&format!("| `~` | tenant | who can allocate | {before} | {} | | | |\n", setting.after));
    }
    if !view.findings.is_empty() {
        text.push_str("\n**Findings**\n\n");
        text.extend(view.findings.iter().map(found));
    }
    if !view.not_checked.is_empty() {
        text.push_str("\n**Not checked**\n\n");
        text.extend(
            view.not_checked.iter().map(|not| format!("- {}: {}\n", escape(&not.subject), escape(&not.reason))),
        );
    }
    text
}

fn verdict(view: &PlanView) -> String {
    let tenant = escape(&view.tenant);
    let changes = super::number::count(view.summary.total(), "change", "changes");
    match view.verdict {
        PlanVerdict::NoChanges => format!("✅ No changes · tenant {tenant}"),
        PlanVerdict::Ready => format!("🟢 Ready: {changes} · tenant {tenant}"),
        PlanVerdict::ReadyWithWarnings => format!("🟡 Ready, with warnings: {changes} · tenant {tenant}"),
        PlanVerdict::Refused => format!("⛔ Blocked: {changes} · tenant {tenant}"),
    }
}

fn row(pool: &PoolView) -> String {
    let (before, after) = (pool.before.allocated, pool.after.allocated);
    let owned = |owned: Option<crate::model::terms::Units>| owned.map_or_else(|| "unknown".to_owned(), number);
    let free = |free: Option<i128>| free.map_or_else(|| "unknown".to_owned(), number);
    let mut text = format!(
        "| {} | {} → **{}** ({}) | {} | {} | **{}** | {} |\n",
        escape(&pool.pool.name),
        number(before),
        number(after),
        signed(after.difference(before)),
        owned(pool.after.owned),
        number(pool.after.reserve),
        free(pool.after.free),
        pool.after.state.word()
    );
    for future in &pool.future {
        let level = &future.level;
        text.push_str(&format!(
            "| ↳ from {} | {} | {} | {} | **{}** | {} |\n",
            future.from,
            number(level.allocated),
            owned(level.owned),
            number(level.reserve),
            free(level.free),
            level.state.word()
        ));
    }
    text
}

fn changed(change: &ChangeView) -> String {
    let mark = match change.kind {
        ChangeKind::Release | ChangeKind::Decrease => "`-`",
        ChangeKind::Assign | ChangeKind::Increase => "`+`",
        ChangeKind::Switch => "`~`",
    };
    let name = change.environment.name.as_deref().unwrap_or(change.environment.key.as_str());
    let until = change.until.map_or_else(String::new, |until| until.to_string());
    let why: Vec<String> = change.ticket.iter().chain(&change.reason).map(|text| escape(text)).collect();
    format!(
        "| {mark} | {} | {} | {} | {} | {} | {until} | {} |\n",
        escape(name),
        escape(&change.add_on.name),
        number(change.units_before),
        number(change.units_after),
        signed(change.difference),
        why.join(" · ")
    )
}

fn found(finding: &FindingView) -> String {
    let place =
        finding.primary.as_ref().map_or_else(String::new, |label| format!(" ({})", escape(&label.place.to_string())));
    format!("- **{} {}**: {}{place}\n", finding.severity.as_str(), finding.code, escape(&finding.message))
}

/// Text that stays text: nothing of it becomes markup, a mention, a link or a table cell.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in clean(text).chars() {
        match letter {
            '\n' | '\r' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // A mention or an issue number is only one where the sign touches the word.
            '@' | '#' => escaped.extend(['\\', letter, '\u{200B}']),
            letter
                if letter.is_ascii_punctuation()
                    && !matches!(letter, '.' | ',' | ':' | ';' | '(' | ')' | '/' | '-' | '\'' | '"' | '%' | '?') =>
            {
                escaped.extend(['\\', letter]);
            }
            letter => escaped.push(letter),
        }
    }
    escaped.replace("://", ":\u{200B}//").replace("www.", "www\u{200B}.")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn hostile_names_stay_text() {
        assert_eq!(escape("HR (Prod)"), "HR (Prod)");
        assert_eq!(escape("a|b`c*d_e"), "a\\|b\\`c\\*d\\_e");
        assert_eq!(escape("<script>"), "&lt;script&gt;");
        assert_eq!(escape("[x](http://y)"), "\\[x\\](http:\u{200B}//y)");
        assert_eq!(escape("@team"), "\\@\u{200B}team");
    }
}
