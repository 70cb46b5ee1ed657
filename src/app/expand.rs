//! The dashboard as it is shown: repeated panels and rows once for each value, and variables in its titles (rule 30 of
//! Grafana's: `DashboardGridItem.tsx`, `RowRepeaterBehavior.ts`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::state::State;
use crate::dashboard::{Dashboard, Note, PANELS_LIMIT, Panel, Row};
use crate::variable::{Choice, Current, Scope, Style, Value, interpolate, references};

/// Panels on one line where a repeated panel does not say, Grafana's.
const PER_ROW: usize = 4;

type Fixed = BTreeMap<String, Value>;

/// `definition` with the variables of `state`; the same one where it has none.
pub(crate) fn expand(definition: &Arc<Dashboard>, state: &State) -> Arc<Dashboard> {
    if definition.variables.is_empty() {
        return Arc::clone(definition);
    }
    let mut expansion = Expansion { state, rows: Vec::new(), panels: Vec::new(), left_out: 0 };
    for row in &definition.rows {
        expansion.row(definition, row);
    }
    let Expansion { rows, panels, left_out, .. } = expansion;
    let mut shown = Dashboard { rows, panels, ..definition.without_panels() };
    if left_out > 0 {
        let message =
            format!("{left_out} repeated panels are not shown; a dashboard has at most {PANELS_LIMIT}");
        shown.notes.push(Note { line: None, column: None, message });
    }
    Arc::new(shown)
}

struct Expansion<'s> {
    state: &'s State,
    rows: Vec<Row>,
    panels: Vec<Panel>,
    left_out: usize,
}

impl Expansion<'_> {
    fn fill(&self, text: &str, fixed: &Fixed, style: Style) -> String {
        if references(text).next().is_none() {
            return text.to_owned();
        }
        let scope = Scope::new(&self.state.values).with_fixed(fixed);
        let scope = scope.with_query(None, self.state.tick.span, self.state.settings.zone);
        interpolate(text, &scope, style)
    }

    /// What a repetition by the variable `name` is fixed to, one entry a clone. While the variable is not worked out
    /// there is one clone without a value; without any values one with an empty one.
    fn clones(&self, name: Option<&str>, outer: &Fixed) -> Vec<Fixed> {
        let known = name.and_then(|name| {
            self.state.variables.iter().find(|variable| variable.definition.name == name && variable.is_known)
        });
        let Some(variable) = known.filter(|variable| !outer.contains_key(&variable.definition.name)) else {
            return vec![outer.clone()];
        };
        let choices = match &variable.current {
            Current::All => variable.options.clone(),
            Current::Values(choices) => choices.clone(),
        };
        let choices = if choices.is_empty() { vec![Choice::default()] } else { choices };
        let definition = &variable.definition;
        let is_pattern = definition.multi || definition.include_all;
        let with = |choice: &Choice| {
            let mut fixed = outer.clone();
            fixed.insert(definition.name.clone(), Value::fixed(choice, is_pattern));
            fixed
        };
        choices.iter().map(with).collect()
    }

    fn row(&mut self, definition: &Dashboard, row: &Row) {
        for fixed in self.clones(row.repeat.as_deref(), &Fixed::new()) {
            let mut title = row.title.as_ref().map(|title| self.fill(title, &fixed, Style::Text));
            let panels = &definition.panels[row.panels.clone()];
            let is_alone = panels.len() == 1;
            let mut line: Vec<Panel> = Vec::new();
            for panel in panels {
                let clones =
                    self.clones(panel.repeat.as_ref().map(|repeat| repeat.variable.as_str()), &fixed);
                let clones: Vec<Panel> = clones.into_iter().map(|fixed| self.panel(panel, fixed)).collect();
                let Some(repeat) = &panel.repeat else {
                    line.extend(clones);
                    continue;
                };
                let per_line = match (repeat.vertical, repeat.max_per_row) {
                    (true, _) => 1,
                    (false, Some(count)) => count,
                    (false, None) if is_alone => PER_ROW,
                    // Among others the clones share the row, which breaks where it becomes too narrow.
                    (false, None) => {
                        line.extend(clones);
                        continue;
                    }
                };
                self.line(row, &mut title, std::mem::take(&mut line));
                for chunk in clones.chunks(per_line.max(1)) {
                    self.line(row, &mut title, chunk.to_vec());
                }
            }
            self.line(row, &mut title, line);
        }
    }

    /// Puts panels side by side; the first line of a row has its title.
    fn line(&mut self, row: &Row, title: &mut Option<String>, mut panels: Vec<Panel>) {
        let room = PANELS_LIMIT.saturating_sub(self.panels.len());
        self.left_out += panels.len().saturating_sub(room);
        panels.truncate(room);
        if panels.is_empty() {
            return;
        }
        let start = self.panels.len();
        self.panels.append(&mut panels);
        self.rows.push(Row { title: title.take(), panels: start..self.panels.len(), ..row.clone() });
    }

    fn panel(&self, panel: &Panel, fixed: Fixed) -> Panel {
        let mut shown = panel.clone();
        shown.title = self.fill(&panel.title, &fixed, Style::Text);
        shown.description = panel.description.as_ref().map(|text| self.fill(text, &fixed, Style::Text));
        shown.options.content = self.fill(&panel.options.content, &fixed, Style::Text);
        for query in &mut shown.queries {
            query.legend = query.legend.as_ref().map(|legend| self.fill(legend, &fixed, Style::Glob));
        }
        shown.fixed = fixed;
        shown
    }
}
