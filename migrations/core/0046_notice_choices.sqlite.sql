-- Who wanted no email about something still gets none.
insert into notice_choices (organization_id, membership_id, notice, delivery, created_at)
select organization_id, membership_id, notice, 'page', created_at from stopped_notices;
drop table stopped_notices;
