// SPDX-License-Identifier: Apache-2.0
/* The bundle: FITs made by mkimage, whole, wrapped, cut, damaged. */
#include <hyp/bundle.h>
#include <hyp/errno.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "dts.h"

#define IMAGE(name, data, more)                                              \
	name " { description = \"\"; data = " data "; type = \"firmware\"; " \
	     "compression = \"none\"; " more " };"
#define HASH "hash-1 { algo = \"sha256\"; };"

static const char source[] =
	"/dts-v1/; / { description = \"\"; #address-cells = <1>; images {" IMAGE(
		"cell-root", "\"the root's\"",
		HASH) IMAGE("hello", "[01 02 03 04 05]",
			    HASH) IMAGE("cell-rtc", "\"the clock's\"",
					"hash-1 { algo = \"crc32\"; };"
					"hash-2 { algo = \"sha256\"; };")
		IMAGE("weak", "\"weak\"", "hash-1 { algo = \"sha1\"; };") IMAGE(
			"cell", "\"no cell\"",
			"") "}; configurations { default = \"c\"; c { firmware = \"hello\"; }; }; "
			    "};";

static uint8_t *fit;
static size_t fit_size;
static struct message message;

/* Runs mkimage with these options and a file made of @bytes; its output. */
static void *make_image(const char *options, const void *bytes, size_t size,
			size_t *result_size)
{
	char *from = dts_write(bytes, size), *to = dts_write("", 0);
	char command[512];
	void *result;

	snprintf(command, sizeof(command),
		 "mkimage %s '%s' '%s' >/dev/null 2>&1 && cat '%s'", options,
		 from, to, to);
	result = dts_run(command, result_size);
	remove(from);
	remove(to);
	free(from);
	free(to);
	return result;
}

static int setup(void **state)
{
	(void)state;
	fit = make_image("-f", source, strlen(source), &fit_size);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(fit);
	return 0;
}

static void open_fit(struct bundle *bundle)
{
	assert_int_equal(bundle_open(bundle, fit, fit_size, &message), 0);
}

static void test_images(void **state)
{
	struct bundle bundle;
	struct bundle_image image;

	(void)state;
	open_fit(&bundle);
	assert_ptr_equal(bundle.fit, fit);
	assert_int_equal(bundle_image(&bundle, "hello", &image, &message), 0);
	assert_string_equal(image.name, "hello");
	assert_int_equal(image.size, 5);
	assert_memory_equal(image.data, "\1\2\3\4\5", 5);
	assert_int_equal(bundle_image_check(&bundle, &image, &message), 0);
	/* The sha256 need not be the first hash. */
	assert_int_equal(bundle_image(&bundle, "cell-rtc", &image, &message),
			 0);
	assert_int_equal(bundle_image_check(&bundle, &image, &message), 0);
}

static void test_no_such_image(void **state)
{
	struct bundle bundle;
	struct bundle_image image;

	(void)state;
	open_fit(&bundle);
	assert_int_equal(bundle_image(&bundle, "hell", &image, &message),
			 -HYP_ENOENT);
	assert_string_equal(message.text, "the bundle holds no image \"hell\"");
}

static void test_cells_in_order(void **state)
{
	struct bundle bundle;
	struct bundle_image image;

	(void)state;
	open_fit(&bundle);
	assert_int_equal(bundle_cell(&bundle, 0, &image), 0);
	assert_string_equal(image.name, "cell-root");
	assert_string_equal(image.data, "the root's");
	assert_int_equal(bundle_cell(&bundle, 1, &image), 0);
	assert_string_equal(image.name, "cell-rtc");
	assert_int_equal(bundle_cell(&bundle, 2, &image), -HYP_ENOENT);
}

static void test_wrong_hash(void **state)
{
	uint8_t *copy = malloc(fit_size);
	struct bundle bundle;
	struct bundle_image image;

	(void)state;
	memcpy(copy, fit, fit_size);
	assert_int_equal(bundle_open(&bundle, copy, fit_size, &message), 0);
	assert_int_equal(bundle_image(&bundle, "hello", &image, &message), 0);
	copy[(const uint8_t *)image.data - copy + 4] ^= 0x80;
	assert_int_equal(bundle_image_check(&bundle, &image, &message),
			 -HYP_EBADMSG);
	assert_string_equal(message.text,
			    "image \"hello\" of the bundle is damaged: its "
			    "sha256 is not the stated one");
	free(copy);
}

static void test_no_hash(void **state)
{
	static const char *const names[] = { "weak", "cell" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct bundle bundle;
		struct bundle_image image;

		open_fit(&bundle);
		assert_int_equal(
			bundle_image(&bundle, names[i], &image, &message), 0);
		assert_int_equal(bundle_image_check(&bundle, &image, &message),
				 -HYP_EBADMSG);
		assert_non_null(strstr(message.text, "states no sha256 hash"));
	}
}

static void test_wrapped(void **state)
{
	struct bundle bundle;
	struct bundle_image image;
	size_t size;
	uint8_t *wrapped = make_image("-A arm64 -O linux -T ramdisk -C none "
				      "-n bundle -d",
				      fit, fit_size, &size);

	(void)state;
	assert_int_equal(size, fit_size + 64);
	assert_int_equal(bundle_open(&bundle, wrapped, size, &message), 0);
	assert_ptr_equal(bundle.fit, wrapped + 64);
	assert_int_equal(bundle_image(&bundle, "hello", &image, &message), 0);
	assert_int_equal(bundle_image_check(&bundle, &image, &message), 0);
	free(wrapped);
}

/* U-Boot may round the initrd's size up, and may place it at any word. */
static void test_place_and_padding(void **state)
{
	uint8_t *room = calloc(1, fit_size + 4096);
	struct bundle bundle;

	(void)state;
	memcpy(room + 4, fit, fit_size);
	assert_int_equal(
		bundle_open(&bundle, room + 4, fit_size + 4000, &message), 0);
	assert_int_equal(bundle.size, fit_size);
	free(room);
}

static void test_cut_short(void **state)
{
	(void)state;
	for (size_t size = 0; size < fit_size; size++) {
		uint8_t *part = malloc(size + (size == 0));
		struct bundle bundle;

		memcpy(part, fit, size);
		assert_int_equal(bundle_open(&bundle, part, size, &message),
				 -HYP_EBADMSG);
		free(part);
	}
	assert_string_equal(message.text, "the bundle (initrd) is cut short; "
					  "make it with mkimage -f");
}

static void test_no_fit(void **state)
{
	struct bundle bundle;
	size_t size;
	void *tree = dts_compile_file(DTS_FOLDER "/good-cell.dtsi", &size);

	(void)state;
	assert_int_equal(bundle_open(&bundle, tree, size, &message),
			 -HYP_EBADMSG);
	assert_string_equal(message.text,
			    "the bundle (initrd) has no /images, so it is a "
			    "device tree but no FIT");
	free(tree);
	assert_int_equal(bundle_open(&bundle, source, sizeof(source), NULL),
			 -HYP_EBADMSG);
}

static void test_no_data(void **state)
{
	struct bundle bundle;
	struct bundle_image image;
	size_t size;
	void *tree = dts_compile_text(
		"/dts-v1/; / { images { cell-a { }; b { data; }; }; };", &size);

	(void)state;
	assert_int_equal(bundle_open(&bundle, tree, size, &message), 0);
	assert_int_equal(bundle_cell(&bundle, 0, &image), -HYP_EBADMSG);
	assert_int_equal(bundle_image(&bundle, "b", &image, &message),
			 -HYP_EBADMSG);
	assert_string_equal(message.text,
			    "image \"b\" of the bundle has no \"data\"; do not "
			    "use mkimage -E");
	free(tree);
}

/* Any byte of the bundle wrong: refused, or another image than the hashed. */
static void test_any_byte_may_be_wrong(void **state)
{
	(void)state;
	for (size_t at = 0; at < fit_size; at++) {
		uint8_t *copy = malloc(fit_size);
		struct bundle bundle;
		struct bundle_image image;

		memcpy(copy, fit, fit_size);
		copy[at] ^= 0x41;
		if (bundle_open(&bundle, copy, fit_size, NULL) == 0 &&
		    bundle_image(&bundle, "hello", &image, NULL) == 0 &&
		    bundle_image_check(&bundle, &image, NULL) == 0) {
			assert_int_equal(image.size, 5);
			assert_memory_equal(image.data, "\1\2\3\4\5", 5);
		}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_images),
		cmocka_unit_test(test_no_such_image),
		cmocka_unit_test(test_cells_in_order),
		cmocka_unit_test(test_wrong_hash),
		cmocka_unit_test(test_no_hash),
		cmocka_unit_test(test_wrapped),
		cmocka_unit_test(test_place_and_padding),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_no_fit),
		cmocka_unit_test(test_no_data),
		cmocka_unit_test(test_any_byte_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
