//! The catalog of add-ons: the values of `ExternalCurrencyType` in Microsoft's 2024-10-01 reference.
//!
//! The reference lists the values without describing them. [`CatalogEntry::certainty`] rates the source of a row's other fields.

pub mod names;
mod near;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The quality of a row's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Microsoft's documentation.
    Documented,
    /// One community source.
    OneSource,
    /// A guess from the name.
    Presumed,
}

/// When consumption restarts at zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reset {
    /// Never: units remain in use until they are given back.
    Never,
    /// On the first day of every month. Unused units are lost.
    Monthly,
}

/// One add-on of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogEntry {
    /// The name in YAML.
    pub slug: &'static str,
    /// The service's value.
    pub api_value: &'static str,
    /// The name in the admin center today.
    pub display_name: &'static str,
    /// Former names.
    pub former_names: &'static [&'static str],
    /// Names in price lists and in other languages. A message suggests the slug for them; a configuration may not use them.
    #[serde(skip)]
    pub common_names: &'static [&'static str],
    /// The noun for one unit.
    pub unit: &'static str,
    /// The noun for several units.
    pub units: &'static str,
    /// The units in one pack, if packs are sold.
    pub pack_size: Option<u64>,
    /// When consumption restarts.
    pub reset: Reset,
    /// Whether the service counts what an environment uses. `false` if nothing documents a count.
    pub metered: bool,
    /// Why the add-on cannot be allocated; `None` if it can.
    pub not_allocatable: Option<&'static str>,
    /// Whether users can use the add-on only in an environment with Dataverse.
    pub needs_dataverse: bool,
    /// The slug of the add-on that leads the shared pool.
    pub pooled_with: Option<&'static str>,
    /// The slug of the successor.
    pub replaced_by: Option<&'static str>,
    /// How and when the sale of the add-on ends.
    pub end_of_sale: Option<&'static str>,
    /// The address of the source.
    pub source: &'static str,
    /// The quality of the source.
    pub certainty: Certainty,
}

const BASE: CatalogEntry = CatalogEntry {
    slug: "",
    api_value: "",
    display_name: "",
    former_names: &[],
    common_names: &[],
    unit: "unit",
    units: "units",
    pack_size: None,
    reset: Reset::Never,
    metered: true,
    not_allocatable: None,
    needs_dataverse: false,
    pooled_with: None,
    replaced_by: None,
    end_of_sale: None,
    source: "https://learn.microsoft.com/en-us/rest/api/power-platform/licensing/currency-reports/list-currency-reports",
    certainty: Certainty::Presumed,
};

const ADD_ON_PAGE: &str =
    "https://github.com/MicrosoftDocs/power-platform/blob/main/power-platform/admin/capacity-add-on.md";
const AUTOMATE_PAGE: &str = "https://github.com/MicrosoftDocs/power-platform/blob/main/power-platform/admin/power-automate-licensing/add-ons.md";
const REPORT_ONLY: &str = "the service appears to report it only, and nothing documents an allocation";

/// Every add-on. The first five are those of the 2020 documentation.
pub const CATALOG: [CatalogEntry; 18] = [
    CatalogEntry {
        slug: "app-passes",
        api_value: "AppPass",
        display_name: "App passes",
        former_names: &["Power Apps per app", "Power Apps per app plan"],
        common_names: &["Per app plan", "Power Apps pro App", "Pro App Plan", "App-Pässe"],
        unit: "pass",
        units: "passes",
        end_of_sale: Some("off the price lists for new EA and MPSA customers since 2026-01-02; renewals continue"),
        source: "https://github.com/MicrosoftDocs/power-platform/blob/main/power-platform/admin/about-powerapps-perapp.md",
        certainty: Certainty::Documented,
        ..BASE
    },
    CatalogEntry {
        slug: "flow-per-business-process",
        api_value: "PerFlowPlan",
        display_name: "Flow per business process",
        former_names: &["Power Automate per business process", "Power Automate per flow", "Per flow plan"],
        common_names: &["Power Automate pro Flow", "Pro Flow Plan", "Flow pro Geschäftsprozess"],
        unit: "flow",
        units: "flows",
        replaced_by: Some("process"),
        end_of_sale: Some("superseded by Process in 2023"),
        source: ADD_ON_PAGE,
        certainty: Certainty::Presumed,
        ..BASE
    },
    CatalogEntry {
        slug: "ai-builder-credits",
        api_value: "AI",
        display_name: "AI Builder credits",
        former_names: &["AI Builder service credits"],
        common_names: &["AI Builder Guthaben", "AI Builder Gutschriften"],
        unit: "credit",
        units: "credits",
        pack_size: Some(1_000_000),
        reset: Reset::Monthly,
        replaced_by: Some("copilot-credits"),
        end_of_sale: Some(
            "new customers 2025-11-01; end of life of the add-on 2026-11-01, packs run to the end of their contract",
        ),
        source: "https://github.com/MicrosoftDocs/ai-builder/blob/main/ai-builder-docs/endofaibcredits.md",
        certainty: Certainty::Documented,
        ..BASE
    },
    CatalogEntry {
        slug: "portal-logins",
        api_value: "PortalLogins",
        display_name: "Portal logins",
        common_names: &["Portalanmeldungen", "Portal Anmeldungen"],
        unit: "login",
        units: "logins",
        pack_size: Some(100),
        reset: Reset::Monthly,
        needs_dataverse: true,
        replaced_by: Some("pages-authenticated-users"),
        end_of_sale: Some("no renewal on the old model since 2023-04-01"),
        source: ADD_ON_PAGE,
        certainty: Certainty::OneSource,
        ..BASE
    },
    CatalogEntry {
        slug: "portal-page-views",
        api_value: "PortalViews",
        display_name: "Portal page views",
        former_names: &["Portal views"],
        common_names: &["Portalseitenansichten", "Portal Seitenaufrufe"],
        unit: "page view",
        units: "page views",
        pack_size: Some(100_000),
        reset: Reset::Monthly,
        needs_dataverse: true,
        replaced_by: Some("pages-anonymous-users"),
        end_of_sale: Some("no renewal on the old model since 2023-04-01"),
        source: ADD_ON_PAGE,
        certainty: Certainty::OneSource,
        ..BASE
    },
    CatalogEntry {
        slug: "copilot-credits",
        api_value: "MCSMessages",
        display_name: "Copilot Credits",
        former_names: &["Copilot Studio messages"],
        common_names: &["Copilot Guthaben", "Copilot Studio Credits"],
        unit: "credit",
        units: "credits",
        pack_size: Some(25_000),
        reset: Reset::Monthly,
        source: "https://github.com/MicrosoftDocs/power-platform/blob/main/power-platform/admin/manage-copilot-studio-messages-capacity.md",
        certainty: Certainty::Documented,
        ..BASE
    },
    CatalogEntry {
        slug: "process",
        api_value: "PowerAutomatePerProcess",
        display_name: "Process",
        former_names: &["Power Automate per process", "Process capacity", "Power Automate Process"],
        common_names: &["Power Automate pro Prozess"],
        unit: "process",
        units: "processes",
        needs_dataverse: true,
        source: AUTOMATE_PAGE,
        certainty: Certainty::Documented,
        ..BASE
    },
    CatalogEntry {
        slug: "unattended-rpa",
        api_value: "PAUnattendedRPA",
        display_name: "Unattended RPA",
        former_names: &["Unattended RPA add-on"],
        unit: "bot",
        units: "bots",
        needs_dataverse: true,
        pooled_with: Some("process"),
        replaced_by: Some("process"),
        end_of_sale: Some("replaced by Process; both count against one pool"),
        source: AUTOMATE_PAGE,
        certainty: Certainty::Documented,
        ..BASE
    },
    CatalogEntry {
        slug: "hosted-process",
        api_value: "PAHostedRPA",
        display_name: "Hosted Process",
        former_names: &["Hosted RPA", "Hosted RPA add-on"],
        common_names: &["Power Automate Hosted Process", "Gehosteter Prozess"],
        unit: "hosted machine",
        units: "hosted machines",
        needs_dataverse: true,
        source: AUTOMATE_PAGE,
        certainty: Certainty::Documented,
        ..BASE
    },
    CatalogEntry {
        slug: "app-passes-teams",
        api_value: "AppPassForTeams",
        display_name: "App passes for Teams",
        former_names: &["App pass for Teams"],
        unit: "pass",
        units: "passes",
        metered: false,
        ..BASE
    },
    CatalogEntry {
        slug: "copilot-sessions",
        api_value: "MCSSessions",
        display_name: "Copilot Studio sessions",
        unit: "session",
        units: "sessions",
        reset: Reset::Monthly,
        replaced_by: Some("copilot-credits"),
        certainty: Certainty::OneSource,
        ..BASE
    },
    CatalogEntry {
        slug: "pva-sessions",
        api_value: "VAConversations",
        display_name: "Power Virtual Agents sessions",
        common_names: &["Chat session for Virtual Agents"],
        unit: "session",
        units: "sessions",
        reset: Reset::Monthly,
        replaced_by: Some("copilot-sessions"),
        ..BASE
    },
    CatalogEntry {
        slug: "pages-authenticated-users",
        api_value: "PowerPagesAuthenticated",
        display_name: "Power Pages authenticated users",
        former_names: &["Power Pages authenticated users per site"],
        common_names: &["Power Pages logins", "Power Pages authentifizierte Benutzer"],
        unit: "user",
        units: "users",
        pack_size: Some(100),
        reset: Reset::Monthly,
        needs_dataverse: true,
        source: "https://www.theportalcompany.com/resources/how-to-licence-power-pages/",
        certainty: Certainty::OneSource,
        ..BASE
    },
    CatalogEntry {
        slug: "pages-anonymous-users",
        api_value: "PowerPagesAnonymous",
        display_name: "Power Pages anonymous users",
        former_names: &["Power Pages anonymous users per site"],
        common_names: &["Power Pages anonyme Benutzer"],
        unit: "user",
        units: "users",
        pack_size: Some(500),
        reset: Reset::Monthly,
        needs_dataverse: true,
        source: "https://www.theportalcompany.com/resources/how-to-licence-power-pages/",
        certainty: Certainty::OneSource,
        ..BASE
    },
    CatalogEntry {
        slug: "process-mining-storage",
        api_value: "ProcessMiningDataStorage",
        display_name: "Process Mining data storage",
        former_names: &["Process Mining add-on"],
        common_names: &["Power Automate Process Mining"],
        metered: false,
        ..BASE
    },
    CatalogEntry {
        slug: "sc-messages",
        api_value: "SCMessages",
        display_name: "SCMessages",
        unit: "message",
        units: "messages",
        not_allocatable: Some("no document describes it, so it is shown and never written"),
        metered: false,
        ..BASE
    },
    CatalogEntry {
        slug: "portal-add-ons",
        api_value: "PortalAddOns",
        display_name: "Portal add-ons",
        unit: "portal",
        units: "portals",
        not_allocatable: Some(REPORT_ONLY),
        metered: false,
        ..BASE
    },
    CatalogEntry {
        slug: "invoice",
        api_value: "Invoice",
        display_name: "Invoice",
        unit: "transaction",
        units: "transactions",
        not_allocatable: Some(REPORT_ONLY),
        metered: false,
        ..BASE
    },
];

/// One add-on: a row of the catalog, or an unknown value of the service. Sorted in the catalog's order, unknown values last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddOn(Kind);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Catalogued(u8),
    Raw(Arc<str>),
}

const RAW_PREFIX: &str = "unknown:";

impl AddOn {
    /// Every add-on of the catalog, in order.
    pub fn all() -> impl ExactSizeIterator<Item = AddOn> {
        (0u8..).zip(0..CATALOG.len()).map(|(index, _)| AddOn(Kind::Catalogued(index))).collect::<Vec<_>>().into_iter()
    }

    fn find(matches: impl Fn(&CatalogEntry) -> bool) -> Option<AddOn> {
        let index = CATALOG.iter().position(matches)?;
        u8::try_from(index).ok().map(|index| AddOn(Kind::Catalogued(index)))
    }

    /// The add-on with this slug.
    pub fn from_slug(slug: &str) -> Option<AddOn> {
        AddOn::find(|entry| entry.slug == slug)
    }

    /// The add-on with this text, which is a slug, or `unknown:` and a value of the service.
    pub fn from_scope(text: &str) -> Option<AddOn> {
        match text.strip_prefix(RAW_PREFIX) {
            Some(raw) => Some(AddOn::from_api_value(raw)),
            None => AddOn::from_slug(text),
        }
    }

    /// The add-on with this value of the service. An unknown value is kept unchanged.
    pub fn from_api_value(value: &str) -> AddOn {
        AddOn::find(|entry| entry.api_value.eq_ignore_ascii_case(value))
            .unwrap_or_else(|| AddOn(Kind::Raw(value.into())))
    }

    /// The add-on with this service value, display name or former name, ignoring case; `None` if several add-ons have it.
    pub fn from_other_name(name: &str) -> Option<AddOn> {
        let answers = |entry: &CatalogEntry| {
            entry.api_value.eq_ignore_ascii_case(name)
                || entry.display_name.eq_ignore_ascii_case(name)
                || entry.former_names.iter().any(|former| former.eq_ignore_ascii_case(name))
        };
        match CATALOG.iter().filter(|entry| answers(entry)).count() {
            1 => AddOn::find(answers),
            _ => None,
        }
    }

    /// The row of the catalog, if there is one.
    pub fn entry(&self) -> Option<&'static CatalogEntry> {
        match &self.0 {
            Kind::Catalogued(index) => CATALOG.get(usize::from(*index)),
            Kind::Raw(_) => None,
        }
    }

    /// The name in YAML, or the service's value if the catalog has none.
    pub fn slug(&self) -> &str {
        match &self.0 {
            Kind::Raw(raw) => raw,
            Kind::Catalogued(_) => self.entry().map_or("", |entry| entry.slug),
        }
    }

    /// The service's value.
    pub fn api_value(&self) -> &str {
        match &self.0 {
            Kind::Raw(raw) => raw,
            Kind::Catalogued(_) => self.entry().map_or("", |entry| entry.api_value),
        }
    }

    /// The display name, or the service's value if the catalog has none.
    pub fn display_name(&self) -> &str {
        match &self.0 {
            Kind::Raw(raw) => raw,
            Kind::Catalogued(_) => self.entry().map_or("", |entry| entry.display_name),
        }
    }

    /// The noun for an amount: `pass` for one, `passes` otherwise.
    pub fn unit(&self, amount: u64) -> &'static str {
        match (self.entry(), amount) {
            (Some(entry), 1) => entry.unit,
            (Some(entry), _) => entry.units,
            (None, 1) => "unit",
            (None, _) => "units",
        }
    }

    /// Whether amounts can be written: the catalog has the add-on and names no obstacle.
    pub fn is_allocatable(&self) -> bool {
        self.entry().is_some_and(|entry| entry.not_allocatable.is_none())
    }

    /// The pool of the add-on's units.
    pub fn pool(&self) -> Pool {
        let leader = self.entry().and_then(|entry| entry.pooled_with).and_then(AddOn::from_slug);
        Pool(leader.unwrap_or_else(|| self.clone()))
    }
}

/// The slug. An unknown value has the prefix `unknown:`, which no slug has.
impl fmt::Display for AddOn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Raw(raw) => write!(formatter, "{RAW_PREFIX}{raw}"),
            Kind::Catalogued(_) => formatter.write_str(self.slug()),
        }
    }
}

impl Serialize for AddOn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AddOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<AddOn, D::Error> {
        deserializer.deserialize_str(AddOnVisitor)
    }
}

/// Parses an add-on from borrowed text.
struct AddOnVisitor;

impl serde::de::Visitor<'_> for AddOnVisitor {
    type Value = AddOn;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the slug of an add-on")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<AddOn, E> {
        AddOn::from_scope(text).ok_or_else(|| E::custom(format!("`{text}` is not an add-on of the catalog")))
    }
}

/// All units of one add-on in the tenant, or of several add-ons that share their units.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pool(AddOn);

impl Pool {
    /// The add-on after which the pool is named.
    pub fn leader(&self) -> &AddOn {
        &self.0
    }

    /// The add-ons that share the pool, the leader first.
    pub fn members(&self) -> Vec<AddOn> {
        let followers = AddOn::all().filter(|add_on| *add_on != self.0 && add_on.pool() == *self);
        std::iter::once(self.0.clone()).chain(followers).collect()
    }

    /// The display names of all members.
    pub fn display_name(&self) -> String {
        let names: Vec<String> = self.members().iter().map(|member| member.display_name().to_owned()).collect();
        names.join(" + ")
    }
}

impl fmt::Display for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests;
