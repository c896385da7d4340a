-- Who wanted no email about something still gets none. The owner of the tables, too, sees the rows of no
-- organization otherwise.
alter table stopped_notices no force row level security;
alter table notice_choices no force row level security;
insert into notice_choices (organization_id, membership_id, notice, delivery, created_at)
select organization_id, membership_id, notice, 'page', created_at from stopped_notices;
alter table notice_choices force row level security;
alter table stopped_notices force row level security;
drop table stopped_notices;
