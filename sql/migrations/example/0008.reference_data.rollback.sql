delete from organisation_setting
where name in ('locale.default', 'sla.paused_on_closure', 'ticket.reopen_days');
delete from macro where name in ('Close as answered', 'Escalate');
delete from canned_response where shortcut in ('thanks', 'solved');
delete from tag where name in ('regression', 'security', 'how-to');
delete from tag where name in ('bug', 'question', 'refund');
delete from sla_policy;
delete from queue where name in ('General', 'Outages', 'Invoices');
delete from team where name in ('Support', 'Billing');
delete from priority;
