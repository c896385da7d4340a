//! What declarations of nouns, lists and forms are made of; features import all of it.

pub(crate) use super::declare::noun;
pub(crate) use super::form::form;
pub(crate) use super::link::links;
pub(crate) use super::plain::plain_pages;
pub(crate) use super::record::record;
pub(crate) use crate::platform::db::join::join;
pub(crate) use crate::platform::db::like_pattern;
pub(crate) use crate::platform::db::row::FromRow;
pub(crate) use crate::platform::db::statement::sql;
pub(crate) use crate::platform::list::{Search, list, searched};
pub(crate) use crate::platform::tenant::built_in::MEMBERS;
pub(crate) use crate::platform::text::{block_of_text, line_of_text, optional_line, search_key};
pub(crate) use crate::platform::words::words;
