//! Names of series that depend on what other series there are: Grafana's `__auto`, and the numbers of namesakes.
//!
//! The rules are Grafana's (`getFieldDisplayName` in `field/fieldState.ts`): labels that all series of a query have in
//! common say nothing and are left out; where one label is left on the whole panel its value is the name; where none
//! is, the name is the one without a legend.

use std::collections::{HashMap, HashSet};

use super::TargetView;
use crate::series::Labels;
use crate::template;

/// The legend of a query that leaves the names to the labels.
pub const AUTO: &str = "__auto";

/// What the series of one query are named by.
#[derive(Clone, Debug, Default)]
pub struct AutoNames<'a> {
    /// Labels that all of its series have in common.
    common: HashSet<&'a str>,
    /// The one label that tells all series of the panel apart.
    single: Option<&'a str>,
}

/// Whether the names of a target's series are left to the labels.
pub(super) fn is_auto(target: &TargetView<'_>) -> bool {
    matches!(target.query.legend.as_deref().map(str::trim), Some(AUTO | template::AUTO))
}

/// One for each target whose legend is [`AUTO`].
pub(super) fn auto<'a>(targets: &[TargetView<'a>]) -> Vec<Option<AutoNames<'a>>> {
    let mut all: Vec<Option<AutoNames<'a>>> = Vec::with_capacity(targets.len());
    let mut telling: HashSet<&'a str> = HashSet::new();
    for target in targets {
        all.push(is_auto(target).then(|| {
            let ranges =
                target.range.into_iter().flat_map(|frame| frame.series.iter().map(|one| &one.labels));
            let instants =
                target.instant.into_iter().flat_map(|vector| vector.samples.iter().map(|one| &one.labels));
            // Both answers are of the same series.
            let mut sets: Vec<&'a Labels> = ranges.collect();
            if sets.is_empty() {
                sets = instants.collect();
            }
            let common = common(&sets);
            telling.extend(
                sets.iter()
                    .flat_map(|labels| labels.iter())
                    .map(|(name, _)| name)
                    .filter(|name| !common.contains(name)),
            );
            AutoNames { common, single: None }
        }));
    }
    if let (1, Some(single)) = (telling.len(), telling.iter().next()) {
        for names in all.iter_mut().flatten() {
            names.single = Some(single);
        }
    }
    all
}

fn common<'a>(sets: &[&'a Labels]) -> HashSet<&'a str> {
    let [first, others @ ..] = sets else { return HashSet::new() };
    if others.is_empty() {
        return HashSet::new();
    }
    let is_common =
        |(name, value): &(&str, &str)| others.iter().all(|labels| labels.get(name) == Some(value));
    first.iter().filter(is_common).map(|(name, _)| name).collect()
}

impl AutoNames<'_> {
    /// The name of the series with these labels, of the query `expr`.
    pub(super) fn name(&self, labels: &Labels, expr: &str) -> String {
        if let Some(value) =
            self.single.and_then(|single| labels.get(single)).filter(|value| !value.is_empty())
        {
            return value.to_owned();
        }
        let telling: Vec<String> = labels
            .iter()
            .filter(|(name, _)| !self.common.contains(name))
            .map(|(name, value)| format!("{name}=\"{value}\""))
            .collect();
        if telling.is_empty() {
            template::legend(None, labels, expr)
        } else {
            format!("{{{}}}", telling.join(", "))
        }
    }
}

/// Numbers the namesakes among `names`: `a 1`, `a 2`.
pub(super) fn number_namesakes(names: &mut [&mut String]) {
    let distinct: HashSet<&str> = names.iter().map(|name| name.as_str()).collect();
    if distinct.len() == names.len() {
        return;
    }
    let mut counts: HashMap<String, usize> = HashMap::new();
    for name in names.iter() {
        *counts.entry((*name).clone()).or_default() += 1;
    }
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for name in names.iter_mut().filter(|name| counts.get(name.as_str()).is_some_and(|count| *count > 1)) {
        let number = numbers.entry((*name).clone()).or_default();
        *number += 1;
        **name = format!("{name} {number}");
    }
}
