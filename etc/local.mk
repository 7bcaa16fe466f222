# The files of etc: units, log rotation, a profile for AppArmor, and what front servers include.
EXTRA_DIST += \
	etc/systemd/starpunk.service.in etc/systemd/starpunk.socket.in etc/apparmor/starpunk.in \
	$(examplesystemd_DATA) \
	etc/tmpfiles.d/starpunk.conf etc/sysusers.d/starpunk.conf \
	etc/logrotate/starpunk \
	$(examplenginx_DATA) \
	$(exampleapache_DATA) \
	$(examplelighttpd_DATA) \
	$(examplecaddy_DATA)

systemd_units = etc/systemd/starpunk.service etc/systemd/starpunk.socket
systemdsystemunit_DATA = $(systemd_units)
placed = $(systemd_units) etc/apparmor/starpunk
CLEANFILES += $(placed) etc/starpunk.conf

$(placed): Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) -e 's|@bindir[@]|$(bindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		-e 's|@pkglibexecdir[@]|$(pkglibexecdir)|g' -e 's|@pkgdatadir[@]|$(pkgdatadir)|g' \
		'$(srcdir)/$@.in' >$@.tmp && mv $@.tmp $@
etc/systemd/starpunk.service: etc/systemd/starpunk.service.in
etc/systemd/starpunk.socket: etc/systemd/starpunk.socket.in
etc/apparmor/starpunk: etc/apparmor/starpunk.in

# Every key with its default, out of the table: what `starpunk init --url URL` writes, too.
etc/starpunk.conf: starpunk$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) etc && ./starpunk$(EXEEXT) docs config conf >$@.tmp && mv $@.tmp $@

# What completes command lines in bash, out of the same table as --help.
bashcompletiondir = $(datadir)/bash-completion/completions
bashcompletion_DATA = etc/bash/starpunk
CLEANFILES += $(bashcompletion_DATA)
etc/bash/starpunk: starpunk$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) etc/bash && ./starpunk$(EXEEXT) docs commands bash >$@.tmp && mv $@.tmp $@

# Copied from there by the administrator: /etc is not ours to overwrite.
exampledir = $(pkgdatadir)/examples
example_DATA = etc/starpunk.conf
examplenginxdir = $(exampledir)/nginx
examplenginx_DATA = etc/nginx/starpunk.conf etc/nginx/starpunk-http.conf etc/nginx/starpunk-locations.conf \
	etc/nginx/starpunk-cache-http.conf etc/nginx/starpunk-cache.conf
exampleapachedir = $(exampledir)/apache
exampleapache_DATA = etc/apache/starpunk.conf etc/apache/starpunk-site.conf
examplelighttpddir = $(exampledir)/lighttpd
examplelighttpd_DATA = etc/lighttpd/starpunk.conf etc/lighttpd/starpunk-site.conf etc/lighttpd/starpunk.lua
examplecaddydir = $(exampledir)/caddy
examplecaddy_DATA = etc/caddy/Caddyfile etc/caddy/starpunk-site.caddy
examplelogrotatedir = $(exampledir)/logrotate
examplelogrotate_DATA = etc/logrotate/starpunk
exampleapparmordir = $(exampledir)/apparmor
exampleapparmor_DATA = etc/apparmor/starpunk
examplesystemddir = $(exampledir)/systemd
examplesystemd_DATA = etc/systemd/starpunk-addresses.conf

tmpfilesdir = $(prefix)/lib/tmpfiles.d
tmpfiles_DATA = etc/tmpfiles.d/starpunk.conf
sysusersdir = $(prefix)/lib/sysusers.d
sysusers_DATA = etc/sysusers.d/starpunk.conf

# Backups: what runs them at night.
examplebackupdir = $(exampledir)/backup
examplebackup_DATA = etc/backup/starpunk-backup.service etc/backup/starpunk-backup.timer etc/backup/starpunk.cron
EXTRA_DIST += $(examplebackup_DATA)
