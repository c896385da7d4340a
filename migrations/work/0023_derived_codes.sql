-- Whether a project's code was made from its name, as nobody typed one; unknown of those before.
alter table projects add column code_is_derived boolean;
