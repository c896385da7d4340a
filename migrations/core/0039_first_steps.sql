-- When the member put away the first steps on the overview.
alter table memberships add column steps_dismissed_at timestamptz;
