drop statistics contact_domain, ticket_routing;
drop function ticket_find(text, integer);
drop materialized view ticket_daily;
drop view active_customer, agent_chain, agent_workload, queue_load, sla_at_risk;
drop function sla_due(customer_tier, smallint, timestamptz, sla_clock);
drop view open_ticket;
