//! In which order variables are worked out, and which of them a change reaches.

use super::{Variable, names};

/// The variables, by index, that variable `index` is made of.
pub fn needs(variables: &[Variable], index: usize) -> Vec<usize> {
    let own = &variables[index];
    let mut needed: Vec<usize> = own
        .sources()
        .flat_map(names)
        .filter_map(|name| variables.iter().position(|other| other.name == name))
        .collect();
    needed.sort_unstable();
    needed.dedup();
    needed
}

/// All variables by index, each behind those that it needs, otherwise as they stand; or the names around a circle.
pub fn order(variables: &[Variable]) -> Result<Vec<usize>, Vec<String>> {
    let mut done = vec![false; variables.len()];
    let mut order = Vec::with_capacity(variables.len());
    while order.len() < variables.len() {
        let is_ready = |index: usize| needs(variables, index).iter().all(|needed| done[*needed]);
        match (0..variables.len()).find(|index| !done[*index] && is_ready(*index)) {
            Some(index) => {
                done[index] = true;
                order.push(index);
            }
            None => return Err(circle(variables, &done)),
        }
    }
    Ok(order)
}

/// One circle among those that are not `done`, in the order in which they need each other.
fn circle(variables: &[Variable], done: &[bool]) -> Vec<String> {
    let Some(mut at) = done.iter().position(|done| !done) else { return Vec::new() };
    let mut path = Vec::new();
    while !path.contains(&at) {
        path.push(at);
        match needs(variables, at).into_iter().find(|needed| !done[*needed]) {
            Some(next) => at = next,
            None => break,
        }
    }
    let start = path.iter().position(|index| *index == at).unwrap_or_default();
    path[start..].iter().map(|index| variables[*index].name.clone()).collect()
}

/// The variables, by index, that are made of variable `changed`: what has to be worked out again once it has another
/// value. What is made of them follows when they have.
pub fn affected(variables: &[Variable], changed: usize) -> Vec<usize> {
    (0..variables.len())
        .filter(|index| *index != changed && needs(variables, *index).contains(&changed))
        .collect()
}
