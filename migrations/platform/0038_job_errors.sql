-- Why a job did not succeed the last time, for whoever runs the installation.

alter table jobs add column error text;
