//! Values of variables from the command line, and what is wrong with them.

use crate::app::Datasource;
use crate::dashboard::Dashboard;
use crate::variable::{ALL, ALL_TEXT, AUTO, Kind, Variable, adhoc};

/// Names of variables that a message tells.
const NAMED: usize = 20;

/// Values of variables from the command line, as pairs of name and value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given(pub Vec<(String, String)>);

impl Given {
    /// The values of one variable.
    pub fn of(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.clone()).collect()
    }

    /// What none of `dashboards` can do with what was given: names that no dashboard has, values that cannot be. Beside
    /// them there are `unread` ones, of which nobody knows.
    pub fn problem(&self, dashboards: &[&Dashboard], unread: usize) -> Option<String> {
        self.0.iter().find_map(|(name, value)| {
            let known: Vec<&Variable> =
                dashboards.iter().flat_map(|dashboard| &dashboard.variables).collect();
            let mut homes = known.iter().filter(|variable| variable.name == *name).peekable();
            if homes.peek().is_none() {
                return Some(unknown(name, &known, dashboards.len(), unread));
            }
            let faults: Option<Vec<String>> = homes.map(|variable| fault(variable, value)).collect();
            faults?.into_iter().next()
        })
    }
}

impl Given {
    /// What was given that no dashboard offers, though all it offers is known; it is taken all the same, as in Grafana.
    pub fn notes(&self, dashboards: &[&Dashboard], datasources: &[Datasource]) -> Vec<String> {
        let mut notes = Vec::new();
        for (name, value) in &self.0 {
            let variables = dashboards.iter().flat_map(|dashboard| &dashboard.variables);
            let offers: Option<Vec<Vec<&str>>> = variables
                .filter(|variable| variable.name == *name)
                .map(|variable| offered(variable, value, datasources))
                .collect();
            let Some(offers) = offers.filter(|offers| !offers.is_empty()) else { continue };
            let mut names: Vec<&str> = offers.into_iter().flatten().collect();
            let more = names.len().saturating_sub(NAMED);
            names.truncate(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            notes.push(format!(
                "--var: {name} does not offer {value:?}; it offers: {}{more}",
                names.join(", ")
            ));
        }
        notes
    }
}

/// What a variable offers; nothing where nobody knows without asking, and where `value` is among it.
fn offered<'v>(variable: &'v Variable, value: &str, datasources: &'v [Datasource]) -> Option<Vec<&'v str>> {
    let is_all = variable.include_all && (value == ALL || value == ALL_TEXT);
    let is_custom_all = variable.all_value.as_deref() == Some(value);
    let mut names: Vec<&str> = Vec::new();
    let mut texts: Vec<&str> = Vec::new();
    match &variable.kind {
        Kind::Custom(choices) => {
            names.extend(choices.iter().map(|choice| choice.value.as_str()));
            texts.extend(choices.iter().map(|choice| choice.text.as_str()));
        }
        Kind::Interval { values, auto } => {
            names.extend(auto.iter().map(|_| AUTO));
            names.extend(values.iter().map(String::as_str));
        }
        Kind::Datasource(_) => names.extend(datasources.iter().map(|datasource| datasource.name.as_str())),
        _ => return None,
    }
    let is_offered = is_all || is_custom_all || names.contains(&value) || texts.contains(&value);
    // Values may be made of other variables.
    (!is_offered && !names.iter().any(|name| name.contains('$'))).then_some(names)
}

fn unknown(name: &str, known: &[&Variable], read: usize, unread: usize) -> String {
    let mut names: Vec<&str> = Vec::new();
    for variable in known {
        if !names.contains(&variable.name.as_str()) {
            names.push(&variable.name);
        }
    }
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let mut list = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    if more > 0 {
        list = format!("{list} and {more} more");
    }
    if unread > 0 {
        let others = if unread == 1 { "1 dashboard".to_owned() } else { format!("{unread} dashboards") };
        format!(
            "--var: no dashboard that could be read has a variable {name:?} (have: {list}); {others} could not be"
        )
    } else if read > 1 {
        format!("--var: no dashboard has a variable {name:?}; they have: {list}")
    } else {
        format!("--var: the dashboard has no variable {name:?}; it has: {list}")
    }
}

/// Why a variable cannot have this value.
fn fault(variable: &Variable, value: &str) -> Option<String> {
    let name = &variable.name;
    match &variable.kind {
        Kind::Constant(fixed) if fixed != value => {
            Some(format!("--var: {name:?} is a constant, whose value is {fixed:?} and not {value:?}"))
        }
        Kind::AdHoc(_) => {
            adhoc::Filter::parse(value).err().map(|error| format!("--var: {name}={value}: {error}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variable::Choice;

    fn dashboard(variables: Vec<Variable>) -> Dashboard {
        Dashboard { variables, ..Dashboard::default() }
    }

    #[test]
    fn what_no_dashboard_can_do_is_told() {
        let one = dashboard(vec![
            Variable::new("job", Kind::Query(String::new())),
            Variable::new("fixed", Kind::Constant("x".to_owned())),
        ]);
        let other = dashboard(vec![
            Variable::new("job", Kind::Query(String::new())),
            Variable::new("filters", Kind::AdHoc(Vec::new())),
        ]);
        let none = dashboard(Vec::new());
        let problem = |pairs: &[(&str, &str)], dashboards: &[&Dashboard]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Given(pairs.collect()).problem(dashboards, 0)
        };
        assert_eq!(problem(&[("job", "a"), ("job", "b"), ("fixed", "x")], &[&one]), None);
        assert_eq!(problem(&[("filters", "a=\"b\"")], &[&one, &other]), None, "one of them has it");
        assert_eq!(
            problem(&[("job", "a"), ("jbo", "a")], &[&one]).as_deref(),
            Some("--var: the dashboard has no variable \"jbo\"; it has: job, fixed")
        );
        assert_eq!(
            problem(&[("x", "a")], &[&one, &other]).as_deref(),
            Some("--var: no dashboard has a variable \"x\"; they have: job, fixed, filters")
        );
        assert_eq!(
            problem(&[("x", "a")], &[&none]).as_deref(),
            Some("--var: the dashboard has no variable \"x\"; it has: none")
        );
        assert_eq!(
            problem(&[("fixed", "y")], &[&one]).as_deref(),
            Some("--var: \"fixed\" is a constant, whose value is \"x\" and not \"y\"")
        );
        let given = Given(vec![("x".to_owned(), "a".to_owned())]);
        assert_eq!(
            given.problem(&[&other], 2).as_deref(),
            Some(
                "--var: no dashboard that could be read has a variable \"x\" (have: job, filters); \
                 2 dashboards could not be"
            )
        );
        assert!(
            problem(&[("filters", "garbage")], &[&other])
                .is_some_and(|text| text.starts_with("--var: filters=garbage: "))
        );
    }

    #[test]
    fn values_that_are_not_offered_are_told() {
        let custom = |name: &str, values: &[&str]| {
            let choices =
                values.iter().map(|value| Choice { value: (*value).to_owned(), text: value.to_uppercase() });
            Variable::new(name, Kind::Custom(choices.collect()))
        };
        let mut all = custom("all", &["a"]);
        all.include_all = true;
        let one = dashboard(vec![
            custom("env", &["dev", "prod"]),
            all,
            custom("made", &["$env-1"]),
            Variable::new("step", Kind::Interval { values: vec!["1m".to_owned()], auto: None }),
            Variable::new("ds", Kind::Datasource("prometheus".to_owned())),
            Variable::new("job", Kind::Query(String::new())),
        ]);
        let other = dashboard(vec![custom("env", &["test"])]);
        let notes = |name: &str, value: &str| {
            let given = Given(vec![(name.to_owned(), value.to_owned())]);
            given.notes(&[&one, &other], &[Datasource::named("here")])
        };
        for (name, value) in [
            ("env", "prod"),
            ("env", "test"),
            ("env", "DEV"),
            ("all", "All"),
            ("made", "x"),
            ("step", "1m"),
            ("ds", "here"),
            ("job", "x"),
            ("nobody", "x"),
        ] {
            assert_eq!(notes(name, value), [""; 0], "{name}={value}");
        }
        assert_eq!(notes("env", "x"), ["--var: env does not offer \"x\"; it offers: dev, prod, test"]);
        assert_eq!(notes("step", "7m"), ["--var: step does not offer \"7m\"; it offers: 1m"]);
        assert_eq!(notes("ds", "there"), ["--var: ds does not offer \"there\"; it offers: here"]);
    }
}
