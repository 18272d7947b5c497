-- depends: 0007.reports

insert into priority (id, name, colour) values
    (1, 'urgent', '#c0392b'),
    (2, 'high', '#e67e22'),
    (3, 'normal', '#2980b9'),
    (4, 'low', '#7f8c8d');

insert into team (name) values ('Support'), ('Billing');

insert into queue (name, team_id)
select v.name, t.id
from (values ('General', 'Support'), ('Outages', 'Support'), ('Invoices', 'Billing')) as v (name, team)
join team as t on t.name = v.team
order by v.name;

update queue
set hours = row('00:00', '24:00', enum_range(null::weekday))::office_hours
where name = 'Outages';

insert into sla_policy (name, tier, priority_id, first_response, resolution)
select
    format('%s, %s', t.tier, p.name),
    t.tier,
    p.id,
    p.id * t.unit,
    p.id * t.unit * 8
from (
    values ('standard'::customer_tier, interval '4 hours'), ('enterprise', interval '30 minutes')
) as t (tier, unit)
cross join priority as p
order by t.tier, p.id;

insert into tag (name, colour) values ('bug', '#c0392b'), ('question', '#2980b9'), ('refund', '#8e44ad');
insert into tag (parent_id, name)
select t.id, v.name
from (values ('bug', 'regression'), ('bug', 'security'), ('question', 'how-to')) as v (parent, name)
join tag as t on t.name = v.parent
order by v.name;

insert into canned_response (shortcut, locale, body) values
    ('thanks', 'en', 'Thank you for writing. We have your message and will answer it soon.'),
    ('thanks', 'es', 'Gracias por escribirnos. Recibimos su mensaje y le responderemos pronto.'),
    ('solved', 'en', 'We believe this is solved. Answer this message and the ticket opens again.');

insert into macro (name, actions) values
    ('Close as answered', '[{"set": "status", "to": "solved"}, {"reply": "solved"}]'),
    ('Escalate', '[{"set": "priority", "to": 1}, {"set": "queue", "to": "Outages"}]');

insert into organisation_setting (name, value, description) values
    ('locale.default', '"en"', 'Language of the help centre and of answers.'),
    ('sla.paused_on_closure', 'true', 'Whether closures stop the SLA clocks.'),
    ('ticket.reopen_days', '14', 'Days during which a reply opens a solved ticket again.');
