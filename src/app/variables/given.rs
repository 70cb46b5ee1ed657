//! Values of variables from the command line, and what is wrong with them.

use crate::dashboard::Dashboard;
use crate::variable::{Kind, Variable, adhoc};

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

    /// What none of `dashboards` can do with what was given: names that no dashboard has, values that cannot be.
    pub fn problem(&self, dashboards: &[&Dashboard]) -> Option<String> {
        self.0.iter().find_map(|(name, value)| {
            let known: Vec<&Variable> =
                dashboards.iter().flat_map(|dashboard| &dashboard.variables).collect();
            let mut homes = known.iter().filter(|variable| variable.name == *name).peekable();
            if homes.peek().is_none() {
                return Some(unknown(name, &known, dashboards.len() > 1));
            }
            let faults: Option<Vec<String>> = homes.map(|variable| fault(variable, value)).collect();
            faults?.into_iter().next()
        })
    }
}

fn unknown(name: &str, known: &[&Variable], are_several: bool) -> String {
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
    if are_several {
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
            Given(pairs.collect()).problem(dashboards)
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
        assert!(
            problem(&[("filters", "garbage")], &[&other])
                .is_some_and(|text| text.starts_with("--var: filters=garbage: "))
        );
    }
}
