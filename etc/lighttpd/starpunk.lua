-- StarPunk behind lighttpd: a request's id, and what lighttpd says by itself. Needs lighttpd 1.4.60 or later.
--
-- It runs twice for each request (starpunk-site.conf says when). Before the program hears of it, the request gets
-- the id that the program logs and answers with, and files are guarded. When the answer starts, lighttpd's own
-- ones get the id (the program's all carry X-Request-ID: by that they are told apart), and its errors become of
-- StarPunk's own kind, as JSON or as a page.

local r = lighty.r
local status = r.req_item["http_status"]	-- 0 as long as there is no answer
local target = r.req_attr["request.orig-uri"] or ""
local method = r.req_attr["request.method"]
local reads = method == "GET" or method == "HEAD"

local function request_id()
	local id = r.req_env["REQUEST_ID"]
	if not id then
		id = ""
		for _ = 1, 4 do
			id = id .. string.format("%08x", lighty.c.rand() & 0xffffffff)
		end
		r.req_env["REQUEST_ID"] = id
	end
	return id
end

-- Addresses that are much longer do not fit into FastCGI. Files are only read; what has a dot in front is an
-- upload that is not complete, and a directory is nothing to see.
local function guard(path)
	local file = path:match("^/static/(.*)$") or path:match("^/media/(.*)$") or path:match("^/%.shipped/(.*)$")
	if #target > 16384 then
		return 414
	elseif file and not reads then
		return 405
	elseif file and (file == "" or file:find("/$") or (path:find("^/media/") and ("/" .. file):find("/%."))) then
		return 404
	end
	return 0
end

local MALFORMED = { "The request is malformed.", "Correct the request and send it again." }
local MISSING = { "There is nothing at this address.", "Check the address, or start from the home page." }
local STOPPED = { "The site is starting or stopped, or too busy to answer.", "Try again in a few seconds." }
local LOST = { "The connection to the site was lost: the request may or may not have been carried out.",
	"Look whether it was carried out before sending it again." }
local TEXTS = {
	[403] = MISSING,
	[404] = MISSING,
	[405] = { "This address does not answer to that method.", "Correct the request and send it again." },
	[413] = { "The request body is larger than this server accepts.", "Send less." },
	[414] = { "The address is too long.", "Send the data in a POST body." },
	[431] = { "The request's headers are too large.", "Send less." },
}
local PAGE = '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n' ..
	'<meta name="viewport" content="width=device-width, initial-scale=1">\n' ..
	'<meta name="color-scheme" content="light dark">\n' ..
	'<title>%d</title>\n<h1>%s</h1>\n<p>%s</p>\n<p>%s</p>\n<p>Request <code>%s</code></p>\n</html>\n'
local JSON = '{"error":{"code":"%s","message":"%s","suggestion":"%s","troubleshooting":["%s"],"request_id":"%s"}}\n'
-- In the form of the standard.
local MICROPUB = '{"error":"%s","error_description":"%s","message":"%s","suggestion":"%s","troubleshooting":["%s"],' ..
	'"request_id":"%s"}\n'

local function explain()
	local message, suggestion = table.unpack(TEXTS[status] or (status < 500 and MALFORMED) or (reads and STOPPED) or LOST)
	local code = status >= 500 and "temporarily_unavailable" or
		(status == 403 or status == 404) and "not_found" or "invalid_request"
	local step = status >= 500 and "The owner can look at the log of StarPunk and at the error log of lighttpd." or
		status == 413 and "The owner can raise server.max-request-size together with max_body_size or max_media_size." or
		"Check what the client sends."

	for _, name in ipairs({ "ETag", "Last-Modified", "Expires", "Cross-Origin-Resource-Policy", "Content-Security-Policy" }) do
		r.resp_header[name] = nil
	end
	r.resp_header["Cache-Control"] = "no-store"
	r.resp_header["X-Content-Type-Options"] = "nosniff"
	-- Not for what may have been carried out: a client that obeys it would post twice.
	if status >= 500 and reads then
		r.resp_header["Retry-After"] = "5"
	end
	if (r.req_header["Accept"] or ""):find("^text/html") then
		r.resp_header["Content-Type"] = "text/html; charset=utf-8"
		r.resp_header["Content-Security-Policy"] = "default-src 'none'"
		r.resp_body.set(PAGE:format(status, message, suggestion, step, request_id()))
		return
	end
	r.resp_header["Content-Type"] = "application/json"
	r.resp_header["Access-Control-Allow-Origin"] = "*"
	if target:find("^/micropub") then
		r.resp_body.set(MICROPUB:format(code, message, message, suggestion, step, request_id()))
	else
		r.resp_body.set(JSON:format(code, message, suggestion, step, request_id()))
	end
end

if status == 0 then
	local path = r.req_attr["uri.path"]
	request_id()
	-- Pages behind a login mix secrets with what was asked: they are not compressed.
	if (path .. "/"):find("^/admin/") or (path .. "/"):find("^/auth/") then
		r.req_header["Accept-Encoding"] = nil
	end
	return guard(path)
end
if not r.resp_header["X-Request-ID"] then
	r.resp_header["X-Request-ID"] = request_id()
	if status >= 400 then
		explain()
		return status	-- says, too, that the body is whole
	end
end
return 0
