//! The dashboard as it is shown: repeated panels and rows once for each value, and variables in its texts (rule 30 of
//! Grafana's: `DashboardGridItem.tsx`, `RowRepeaterBehavior.ts`).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::datasource;
use crate::app::state::State;
use crate::dashboard::{Dashboard, GRID_COLUMNS, GridPosition, Link, Note, PANELS_LIMIT, Panel, Repeat, Row};
use crate::field::TextPattern;
use crate::field::overrides::{Override, SeriesMatch};
use crate::variable::{Choice, Current, Scope, Style, Value, interpolate, references};

/// Panels on one line where a repeated panel does not say, Grafana's.
const PER_ROW: usize = 4;

type Fixed = BTreeMap<String, Value>;

/// `definition` with the variables of `state`; the same one where it has none.
pub(crate) fn expand(definition: &Arc<Dashboard>, state: &State) -> Arc<Dashboard> {
    if definition.variables.is_empty() {
        let notes = datasource::notes(state, definition);
        if notes.is_empty() {
            return Arc::clone(definition);
        }
        let mut shown = Dashboard::clone(definition);
        shown.notes.extend(notes);
        return Arc::new(shown);
    }
    let mut expansion = Expansion { state, rows: Vec::new(), panels: Vec::new(), left_out: 0 };
    for row in &definition.rows {
        expansion.row(definition, row);
    }
    let links = expansion.links(&definition.links, &Fixed::new());
    let Expansion { rows, panels, left_out, .. } = expansion;
    let mut shown = Dashboard { links, rows, panels, ..definition.without_panels() };
    shown.notes.extend(datasource::notes(state, &shown));
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
        let scope = scope.with_query(None, self.state.tick.span, self.state.zone());
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
            if panels.iter().all(|panel| panel.grid.is_some()) {
                let placed = self.grid(panels, &fixed);
                self.line(row, &mut title, placed);
                continue;
            }
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

    /// The panels of a row with places in the grid: clones side by side take all its columns, each as high as the
    /// original; clones one under the other keep its columns; and what stands below moves down.
    fn grid(&self, panels: &[Panel], outer: &Fixed) -> Vec<Panel> {
        let mut shown = Vec::with_capacity(panels.len());
        // Where panels ended, and by how much they end lower now.
        let mut moved: Vec<(u16, u16)> = Vec::new();
        for panel in panels {
            let Some(grid) = panel.grid else { continue };
            let down = moved.iter().filter(|(bottom, _)| *bottom <= grid.y).map(|(_, by)| *by).max();
            let first = GridPosition { y: grid.y.saturating_add(down.unwrap_or(0)), ..grid };
            let clones = self.clones(panel.repeat.as_ref().map(|repeat| repeat.variable.as_str()), outer);
            let places = places(first, panel.repeat.as_ref(), clones.len());
            let end = places.last().map_or(0, |place| place.y.saturating_add(place.h));
            let bottom = grid.y.saturating_add(grid.h);
            moved.push((bottom, end.saturating_sub(bottom)));
            shown.extend(
                clones
                    .into_iter()
                    .zip(places)
                    .map(|(fixed, place)| Panel { grid: Some(place), ..self.panel(panel, fixed) }),
            );
        }
        shown.sort_by_key(|panel| panel.grid.map(|grid| (grid.y, grid.x)));
        shown
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
        shown.links = self.links(&panel.links, &fixed);
        let text = |text: &mut Option<String>| {
            if let Some(text) = text {
                *text = self.fill(text, &fixed, Style::Text);
            }
        };
        text(&mut shown.field.display_name);
        text(&mut shown.field.no_value);
        for one in &mut shown.overrides {
            self.matcher(one, &fixed);
            text(&mut one.set.display_name);
            text(&mut one.set.no_value);
        }
        for query in &mut shown.queries {
            query.legend = query.legend.as_ref().map(|legend| self.fill(legend, &fixed, Style::Glob));
        }
        shown.fixed = fixed;
        shown
    }

    fn links(&self, links: &[Link], fixed: &Fixed) -> Vec<Link> {
        let fill = |text: &str| self.fill(text, fixed, Style::Text);
        links.iter().map(|link| Link { title: fill(&link.title), url: fill(&link.url) }).collect()
    }

    /// Fills in which series an override is for. A pattern that would be none stays as it is.
    fn matcher(&self, one: &mut Override, fixed: &Fixed) {
        match &mut one.when {
            SeriesMatch::Name(name) => *name = self.fill(name, fixed, Style::Text),
            SeriesMatch::Names(names, _) => {
                for name in names {
                    *name = self.fill(name, fixed, Style::Text);
                }
            }
            SeriesMatch::Pattern(pattern) => {
                let filled = self.fill(pattern.as_str(), fixed, Style::Regex);
                if filled != pattern.as_str()
                    && let Ok(built) = TextPattern::new(&filled)
                {
                    *pattern = built;
                }
            }
            SeriesMatch::Query(_) => {}
        }
    }
}

/// Where `count` clones of a panel stand whose first is at `first`.
fn places(first: GridPosition, repeat: Option<&Repeat>, count: usize) -> Vec<GridPosition> {
    let Some(repeat) = repeat else { return vec![first] };
    let below = |line: usize| {
        let lines = u16::try_from(line).unwrap_or(u16::MAX);
        first.y.saturating_add(first.h.saturating_mul(lines))
    };
    if repeat.vertical {
        return (0..count).map(|index| GridPosition { y: below(index), ..first }).collect();
    }
    let columns = usize::from(GRID_COLUMNS);
    let per_line = repeat.max_per_row.unwrap_or(PER_ROW).min(count).clamp(1, columns);
    let edge = |index: usize| (columns * index / per_line) as u16;
    let place = |index: usize| {
        let at = index % per_line;
        GridPosition { x: edge(at), y: below(index / per_line), w: edge(at + 1) - edge(at), h: first.h }
    };
    (0..count).map(place).collect()
}
