-- What the built-in roles include stands in the program; their rows say nothing of it any more.

update roles set permissions = '' where key in ('owner', 'admin', 'member', 'viewer');
