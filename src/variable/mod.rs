//! Variables of a dashboard by Grafana's rules: what they are, which values they offer, which are chosen, and how they
//! get into queries and titles. Pure: the values that a server knows come in as lists of texts.

pub mod adhoc;
pub mod choose;
pub mod format;
pub mod interpolate;
pub mod interval;
pub mod lookup;
pub mod options;
pub mod order;
pub mod pattern;
pub mod raw_string;
mod reference;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use self::interpolate::{Scope, Style, interpolate, is_built_in};
pub use self::reference::{Reference, names, references};

/// Variables that one dashboard may have.
pub const VARIABLES_LIMIT: usize = 100;
/// Values that one variable may offer; what lies beyond is left out, and said.
pub const OPTIONS_LIMIT: usize = 10_000;
/// Grafana's word for all values at once.
pub const ALL: &str = "$__all";
/// How all values at once are called on the screen.
pub const ALL_TEXT: &str = "All";
/// The choice of an interval variable that goes by the window.
pub const AUTO: &str = "auto";

/// A variable as its dashboard defines it.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// What queries call it: letters, digits and underscores.
    pub name: String,
    /// What the bar calls it, if not by its name.
    pub label: Option<String>,
    /// What it is for, for the picker.
    pub description: Option<String>,
    /// Not in the bar.
    pub hide: bool,
    /// Where its values come from.
    pub kind: Kind,
    /// Several values at once may be chosen.
    pub multi: bool,
    /// All values at once may be chosen.
    pub include_all: bool,
    /// What stands for all of them, instead of their list; may hold variables.
    pub all_value: Option<String>,
    /// Which of the values count, and what part of them; Grafana's notation.
    pub regex: Option<String>,
    /// The order in which they are offered.
    pub sort: Sort,
    /// When they are asked.
    pub refresh: Refresh,
    /// Whom its query goes to, by name or as a text with variables; the one in use where it is missing.
    pub datasource: Option<String>,
    /// What is chosen at first; values or texts. Empty for the first.
    pub default: Vec<String>,
}

impl Variable {
    /// A variable with nothing but its name and kind.
    pub fn new(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            label: None,
            description: None,
            hide: false,
            kind,
            multi: false,
            include_all: false,
            all_value: None,
            regex: None,
            sort: Sort::None,
            refresh: Refresh::Load,
            datasource: None,
            default: Vec::new(),
        }
    }

    /// What the bar calls it.
    pub fn title(&self) -> &str {
        self.label.as_deref().filter(|label| !label.is_empty()).unwrap_or(&self.name)
    }

    /// The texts that decide which values it has, each of which may name other variables.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        let own: Vec<&str> = match &self.kind {
            Kind::Query(query) => vec![query],
            Kind::Custom(choices) => {
                choices.iter().flat_map(|choice| [choice.value.as_str(), &choice.text]).collect()
            }
            _ => Vec::new(),
        };
        own.into_iter().chain(self.regex.as_deref()).chain(self.datasource.as_deref())
    }
}

/// Where the values of a variable come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The server: `label_values(up, instance)` and the like; see [`lookup`].
    Query(String),
    /// A list in the dashboard.
    Custom(Vec<Choice>),
    /// Durations, and perhaps one by the window.
    Interval {
        /// As they are written, without [`AUTO`].
        values: Vec<String>,
        /// There is a choice that goes by the window.
        auto: Option<Auto>,
    },
    /// One value that nobody changes.
    Constant(String),
    /// Free text, with what it is at first.
    Textbox(String),
    /// Names of data sources of a type.
    Datasource(String),
    /// Matchers that every selector of every query gets.
    AdHoc(Vec<adhoc::Filter>),
}

/// How an interval goes by the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Auto {
    /// Steps that the window is divided into.
    pub count: u32,
    /// The least interval.
    pub min_ms: i64,
}

/// Grafana's: 30 steps of at least 10 s.
impl Default for Auto {
    fn default() -> Self {
        Self { count: 30, min_ms: 10_000 }
    }
}

/// One value that may be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Choice {
    /// What goes into queries.
    pub value: String,
    /// What is shown.
    pub text: String,
}

impl Choice {
    /// A value that is shown as it is.
    pub fn plain(value: &str) -> Self {
        Self { value: value.to_owned(), text: value.to_owned() }
    }
}

/// The order of options, Grafana's 0 to 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sort {
    /// As they came.
    #[default]
    None,
    /// By text.
    Alphabetical,
    /// By text, from the end.
    AlphabeticalDescending,
    /// By the first number in the text.
    Numerical,
    /// By the first number in the text, from the largest.
    NumericalDescending,
    /// By text in any case.
    IgnoringCase,
    /// By text in any case, from the end.
    IgnoringCaseDescending,
    /// By text, numbers in it by their size.
    Natural,
    /// By text, numbers in it by their size, from the end.
    NaturalDescending,
}

/// When the values of a variable are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Refresh {
    /// When the dashboard is opened.
    #[default]
    Load,
    /// Also when the window is changed.
    Time,
    /// Grafana's "never": as [`Refresh::Load`], because there are no values yet when a dashboard is opened.
    Never,
}

/// What is chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Current {
    /// All that there is.
    All,
    /// These; one, unless the variable takes several.
    Values(Vec<Choice>),
}

impl Current {
    /// What the bar shows: texts joined by ` + `, as Grafana does.
    pub fn text(&self) -> String {
        match self {
            Self::All => ALL_TEXT.to_owned(),
            Self::Values(choices) => {
                choices.iter().map(|choice| choice.text.as_str()).collect::<Vec<_>>().join(" + ")
            }
        }
    }
}

/// A variable's value as texts are filled with it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Value {
    /// One or several.
    pub values: Vec<String>,
    /// What is shown of it.
    pub text: String,
    /// Whether there may be several, which some formats write otherwise than a single one.
    pub is_list: bool,
    /// Whether the variable takes several or all, so that queries match it by a pattern.
    pub is_pattern: bool,
    /// Instead of all values: goes into texts as it is, its own variables filled in.
    pub custom_all: Option<String>,
    /// Whether all are chosen.
    pub is_all: bool,
}

impl Value {
    /// One value that is shown as it is.
    pub fn single(value: &str) -> Self {
        Self { values: vec![value.to_owned()], text: value.to_owned(), ..Self::default() }
    }

    /// What `variable` stands for while `current` is chosen out of `options`.
    pub fn of(variable: &Variable, current: &Current, options: &[Choice]) -> Self {
        let is_pattern = variable.multi || variable.include_all;
        let text = current.text();
        match current {
            Current::All => Self {
                values: options.iter().map(|option| option.value.clone()).collect(),
                text,
                is_list: true,
                is_pattern,
                custom_all: variable.all_value.clone().filter(|value| !value.is_empty()),
                is_all: true,
            },
            Current::Values(choices) => Self {
                values: choices.iter().map(|choice| choice.value.clone()).collect(),
                text,
                is_list: variable.multi,
                is_pattern,
                custom_all: None,
                is_all: false,
            },
        }
    }

    /// This variable with one value, as in the clones of a repeated panel.
    pub fn fixed(choice: &Choice, is_pattern: bool) -> Self {
        Self { values: vec![choice.value.clone()], text: choice.text.clone(), is_pattern, ..Self::default() }
    }
}

/// All variables' values by name.
pub type Values = BTreeMap<String, Value>;
