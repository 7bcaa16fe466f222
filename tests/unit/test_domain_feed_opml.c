/*
 * domain/feed_opml: the list of the site's feeds, as readers import it.
 */
#include "domain/feed.h"

#include "domain_fixture.h"
#include "xml_check.h"

static void
the_list_of_feeds_has_what_the_standard_asks_for(void **state)
{
	const struct feed_outline members[] = {{.text = S("\"><x"),
		.feed = S("https://ada.example/tag/x/feed.rss?a&b"), .page = S("https://ada.example/tag/x")}};
	const struct feed_outline all[] = {
		{.text = S("Ada"), .feed = S("https://ada.example/feed.rss"),
			.page = S("https://ada.example/")},
		{.text = S("Tags"), .members = members, .n = 1},
	};
	struct site *s = *state;
	struct str xml;

	assert_ok(s, feed_opml(&s->c, all, 2, NOW, &xml));
	assert_null(xml_check(xml));
	assert_has(xml, "<opml version=\"2.0\">\n<head>\n<title>Ada&#39;s &lt;site&gt;</title>\n"
			"<dateModified>Sun, 01 Mar 2026 09:30:00 +0000</dateModified>\n"
			"<ownerName>Ada &amp; Co</ownerName>\n<ownerId>https://ada.example/</ownerId>\n");
	assert_has(xml, "<body>\n<outline type=\"rss\" text=\"Ada\" title=\"Ada\" version=\"RSS2\" "
			"xmlUrl=\"https://ada.example/feed.rss\" htmlUrl=\"https://ada.example/\"/>\n"
			"<outline text=\"Tags\">\n<outline type=\"rss\" text=\"&quot;&gt;&lt;x\"");
	assert_has(xml, "xmlUrl=\"https://ada.example/tag/x/feed.rss?a&amp;b\"");
	assert_true(str_ends(xml, S("</outline>\n</body>\n</opml>\n")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(the_list_of_feeds_has_what_the_standard_asks_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
