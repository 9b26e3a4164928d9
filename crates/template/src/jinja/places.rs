//! Where the expressions of the parser's tree are.

use minijinja::machinery::Span;
use minijinja::machinery::ast::{BinOpKind, Expr, UnaryOpKind};

use super::program::Place;

pub(super) fn place(span: Span) -> Place {
    Place::new(span.start_offset, span.end_offset)
}

/// Returns the place of an expression.
pub(super) fn place_of(text: &str, expression: &Expr<'_>) -> Place {
    use BinOpKind::{Eq, Gt, Gte, In, Lt, Lte, Ne};

    let whole = place(expression.span());
    // The parser begins these with the token in front of them.
    let has_token = match expression {
        Expr::IfExpr(_) | Expr::Compare(_) => true,
        Expr::BinOp(operation) => matches!(operation.op, Eq | Ne | Lt | Lte | Gt | Gte | In),
        // `a not in b`, beside `not a`.
        Expr::UnaryOp(operation) if matches!(operation.op, UnaryOpKind::Not) => {
            !text.get(whole.range()).is_some_and(|text| text.starts_with("not"))
        }
        _ => false,
    };
    if has_token { after_token(text, whole) } else { whole }
}

/// Leaves out the token with which a place begins.
fn after_token(text: &str, whole: Place) -> Place {
    let Some(written) = text.get(whole.range()) else { return whole };
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let rest = match written.strip_prefix("{{") {
        Some(rest) => rest.strip_prefix(['-', '+']).unwrap_or(rest),
        None if written.starts_with(is_word) => written.trim_start_matches(is_word),
        None => written.strip_prefix("**").or_else(|| written.get(1..)).unwrap_or_default(),
    };
    whole.from(whole.range().end - rest.trim_ascii_start().len())
}
