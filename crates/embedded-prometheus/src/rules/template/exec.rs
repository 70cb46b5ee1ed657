//! Walks a template's tree with the data of one alert.

use std::sync::Arc;

use super::functions::{self, Lazy};
use super::parse::{Branch, Command, Item, Operand, OperandKind, Pipeline};
use super::{Data, ExecFault, MAX_EXPANDED_BYTES, MAX_STEPS, Value};

pub(super) fn run(items: &[Item], data: &Data<'_>) -> Result<String, ExecFault> {
    let variables = vec![
        ("$".to_owned(), Value::Root),
        ("$labels".to_owned(), Value::Labels(Arc::clone(&data.labels))),
        ("$externalLabels".to_owned(), Value::Labels(Arc::clone(&data.external_labels))),
        ("$value".to_owned(), Value::Float(data.value)),
    ];
    let mut run = Run { data, variables, out: String::new(), steps: 0 };
    run.items(items, &Value::Root)?;
    Ok(run.out)
}

struct Run<'a> {
    data: &'a Data<'a>,
    /// The innermost last.
    variables: Vec<(String, Value)>,
    out: String,
    steps: usize,
}

/// How a list of items ended.
#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

impl Run<'_> {
    fn step(&mut self) -> Result<(), ExecFault> {
        self.steps += 1;
        if self.steps <= MAX_STEPS && self.out.len() <= MAX_EXPANDED_BYTES {
            return Ok(());
        }
        let message = format!("more than {MAX_STEPS} steps or {MAX_EXPANDED_BYTES} bytes");
        Err(ExecFault { at: 0, node: "template".into(), message })
    }

    fn items(&mut self, items: &[Item], dot: &Value) -> Result<Flow, ExecFault> {
        for item in items {
            self.step()?;
            match item {
                Item::Text(text) => self.out.push_str(text),
                Item::Print(pipeline) => {
                    let value = self.pipeline(pipeline, dot)?;
                    if pipeline.variables.is_empty() {
                        let printed = self.print(&value);
                        self.out.push_str(&printed);
                    }
                }
                Item::Break => return Ok(Flow::Break),
                Item::Continue => return Ok(Flow::Continue),
                Item::If(branch) | Item::With(branch) => {
                    let rebinds = matches!(item, Item::With(_));
                    let flow = self.branch(branch, dot, rebinds)?;
                    if flow != Flow::On {
                        return Ok(flow);
                    }
                }
                Item::Range(branch) => self.range(branch, dot)?,
            }
        }
        Ok(Flow::On)
    }

    fn print(&self, value: &Value) -> String {
        if !matches!(value, Value::Root) {
            return value.print();
        }
        let labels = Value::Labels(Arc::clone(&self.data.labels)).print();
        let external = Value::Labels(Arc::clone(&self.data.external_labels)).print();
        format!("{{{labels} {external}  {}}}", Value::Float(self.data.value).print())
    }

    fn branch(&mut self, branch: &Branch, dot: &Value, rebinds: bool) -> Result<Flow, ExecFault> {
        let known = self.variables.len();
        let value = self.pipeline(&branch.pipeline, dot)?;
        let flow = if value.is_true() {
            self.items(&branch.body, if rebinds { &value } else { dot })
        } else {
            self.items(&branch.otherwise, dot)
        };
        self.variables.truncate(known);
        flow
    }

    fn range(&mut self, branch: &Branch, dot: &Value) -> Result<(), ExecFault> {
        let known = self.variables.len();
        let value = self.commands(&branch.pipeline, dot)?;
        let elements: Vec<(Value, Value)> = match &value {
            Value::Vector(samples) => samples
                .iter()
                .enumerate()
                .map(|(index, sample)| (Value::Int(index as i64), Value::Sample(Arc::clone(sample))))
                .collect(),
            Value::Labels(labels) => {
                labels.iter().map(|(name, value)| (Value::text(name), Value::text(value))).collect()
            }
            Value::Int(count) => {
                let count = (*count).clamp(0, MAX_STEPS as i64);
                (0..count).map(|index| (Value::Int(index), Value::Int(index))).collect()
            }
            Value::Nil => Vec::new(),
            other => {
                let first = &branch.pipeline.commands[0].operands[0];
                let message = format!("range can't iterate over {}", self.print(other));
                return Err(fault(first, message));
            }
        };
        if elements.is_empty() {
            self.items(&branch.otherwise, dot)?;
        }
        for (key, element) in elements {
            self.step()?;
            match &branch.pipeline.variables[..] {
                [] => {}
                [one] => self.set(one, element.clone(), branch.pipeline.declares),
                [first, second, ..] => {
                    self.set(first, key, branch.pipeline.declares);
                    self.set(second, element.clone(), branch.pipeline.declares);
                }
            }
            let flow = self.items(&branch.body, &element)?;
            self.variables.truncate(known);
            if flow == Flow::Break {
                break;
            }
        }
        self.variables.truncate(known);
        Ok(())
    }

    fn set(&mut self, name: &str, value: Value, declares: bool) {
        let known = self.variables.iter_mut().rev().find(|(known, _)| known == name && !declares);
        match known {
            Some((_, old)) => *old = value,
            None => self.variables.push((name.to_owned(), value)),
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Value) -> Result<Value, ExecFault> {
        let value = self.commands(pipeline, dot)?;
        for name in &pipeline.variables {
            self.set(name, value.clone(), pipeline.declares);
        }
        Ok(value)
    }

    fn commands(&mut self, pipeline: &Pipeline, dot: &Value) -> Result<Value, ExecFault> {
        let mut last = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, dot, last)?);
        }
        Ok(last.unwrap_or(Value::Nil))
    }

    fn command(&mut self, command: &Command, dot: &Value, last: Option<Value>) -> Result<Value, ExecFault> {
        let [first, arguments @ ..] = &command.operands[..] else { return Ok(Value::Nil) };
        if matches!(first.kind, OperandKind::Nil) {
            return Err(fault(first, "nil is not a command".into()));
        }
        let OperandKind::Function(function) = first.kind else {
            if last.is_some() {
                return Err(fault(first, format!("can't give argument to non-function {}", first.source)));
            }
            return self.operand(first, dot);
        };
        let given = arguments.len() + usize::from(last.is_some());
        if !function.takes(given) {
            let (name, want) = (function.name, function.wanted());
            return Err(fault(first, format!("wrong number of args for {name}: want {want} got {given}")));
        }
        if let Some(lazy) = function.lazy() {
            return self.short_circuit(lazy, arguments, dot, last);
        }
        let mut values = Vec::with_capacity(given);
        for argument in arguments {
            values.push(self.operand(argument, dot)?);
        }
        values.extend(last);
        functions::call(function, &values, self.data).map_err(|message| {
            // The argument to blame is the first of its type; which it is only matters to the message.
            let to_blame =
                arguments.iter().zip(&values).find(|(_, value)| message.ends_with(value.type_name()));
            match to_blame {
                Some((argument, _)) if message.starts_with(functions::WRONG_TYPE) => fault(argument, message),
                _ => {
                    let sources: Vec<&str> = command.operands.iter().map(|o| o.source.as_str()).collect();
                    ExecFault { at: first.at, node: sources.join(" "), message }
                }
            }
        })
    }

    /// `and` and `or` look at no more arguments than they need.
    fn short_circuit(
        &mut self,
        lazy: Lazy,
        arguments: &[Operand],
        dot: &Value,
        last: Option<Value>,
    ) -> Result<Value, ExecFault> {
        let mut value = Value::Nil;
        for argument in arguments {
            value = self.operand(argument, dot)?;
            if value.is_true() == (lazy == Lazy::Or) {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    fn operand(&mut self, operand: &Operand, dot: &Value) -> Result<Value, ExecFault> {
        let mut value = match &operand.kind {
            OperandKind::Dot => dot.clone(),
            OperandKind::Nil => Value::Nil,
            OperandKind::Bool(value) => Value::Bool(*value),
            OperandKind::Int(value) => Value::Int(*value),
            OperandKind::Float(value) => Value::Float(*value),
            OperandKind::Text(text) => Value::text(text),
            OperandKind::Variable(name) => {
                let known = self.variables.iter().rev().find(|(known, _)| known == name);
                known.map_or(Value::Nil, |(_, value)| value.clone())
            }
            OperandKind::Parenthesis(pipeline) => self.pipeline(pipeline, dot)?,
            OperandKind::Function(function) if function.takes(0) => {
                functions::call(function, &[], self.data).map_err(|message| fault(operand, message))?
            }
            OperandKind::Function(function) => {
                let (name, want) = (function.name, function.wanted());
                return Err(fault(operand, format!("wrong number of args for {name}: want {want} got 0")));
            }
        };
        for field in &operand.fields {
            value = self.field(&value, field).map_err(|message| fault(operand, message))?;
        }
        Ok(value)
    }

    /// `.field` of a value. A label that is not there is empty.
    fn field(&self, value: &Value, field: &str) -> Result<Value, String> {
        Ok(match (value, field) {
            (Value::Root, "Labels") => Value::Labels(Arc::clone(&self.data.labels)),
            (Value::Root, "ExternalLabels") => Value::Labels(Arc::clone(&self.data.external_labels)),
            (Value::Root, "Value") => Value::Float(self.data.value),
            (Value::Sample(sample), "Labels") => Value::Labels(Arc::clone(&sample.labels)),
            (Value::Sample(sample), "Value") => Value::Float(sample.value),
            (Value::Labels(labels), name) => Value::text(labels.get(name).map_or("", String::as_str)),
            (Value::Nil, name) => return Err(format!("nil data; no entry for key {name:?}")),
            (other, name) => {
                return Err(format!("can't evaluate field {name} in type {}", other.type_name()));
            }
        })
    }
}

fn fault(operand: &Operand, message: String) -> ExecFault {
    ExecFault { at: operand.at, node: operand.source.clone(), message }
}
