-- Asks for notes of tenants at random, and counts the answers that are not 200 or not what was asked for.
-- Each line of the file has a tenant and its bearer token.

local tenants, tokens, threads = {}, {}, {}

function setup(thread)
    table.insert(threads, thread)
    thread:set("seed", #threads + os.time())
end

function init(args)
    math.randomseed(seed)
    for line in io.lines(args[1]) do
        local tenant, token = line:match("^(%S+) (%S+)$")
        table.insert(tenants, tenant)
        table.insert(tokens, token)
    end
    rows = tonumber(args[2])
    failed, foreign = 0, 0
end

function request()
    local n = math.random(#tenants)
    local id = math.random(rows)
    -- The service answers with the id that it was sent, which tells whose answer this is.
    return wrk.format("GET", "/t/" .. tenants[n] .. "/note/" .. id, {
        ["Authorization"] = "Bearer " .. tokens[n],
        ["X-Request-Id"] = tenants[n] .. "." .. id,
    })
end

function response(status, headers, body)
    if status ~= 200 then
        failed = failed + 1
        return
    end
    local tenant, id, owner, note = body:match('^{"tenant":"([^"]*)","id":(%d+),"body":"(%S+) note (%d+)"}$')
    local sent = headers["x-request-id"] or headers["X-Request-Id"]
    if tenant == nil or id ~= note or (owner ~= tenant and owner ~= "plain")
        or (owner ~= "plain" and sent ~= tenant .. "." .. id)
    then
        foreign = foreign + 1
    end
end

function done(summary, latency, requests)
    local wrong, strange = 0, 0
    for _, thread in ipairs(threads) do
        wrong = wrong + thread:get("failed")
        strange = strange + thread:get("foreign")
    end
    local errors = summary.errors
    io.write(string.format(
        'found: {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "failed": %d, "foreign": %d, "broken": %d}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
        wrong, strange, errors.connect + errors.read + errors.write + errors.timeout
    ))
end
