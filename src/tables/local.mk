# The files of src/tables: lists, included by whoever expands them.
EXTRA_DIST += src/FLOORS \
	src/tables/audits.def \
	src/tables/charts.def \
	src/tables/checks.def \
	src/tables/commands.def \
	src/tables/composer.def \
	src/tables/config.def \
	src/tables/dbops.def \
	src/tables/dbtables.def \
	src/tables/desk.def \
	src/tables/doctor.def \
	src/tables/errors.def \
	src/tables/events.def \
	src/tables/families.def \
	src/tables/feeds.def \
	src/tables/fronts.def \
	src/tables/history.def \
	src/tables/methods.def \
	src/tables/metrics.def \
	src/tables/notices.def \
	src/tables/robots.def \
	src/tables/routes.def \
	src/tables/scopes.def \
	src/tables/settings.def \
	src/tables/statics.def \
	src/tables/types.def \
	src/tables/views.def
