// SPDX-License-Identifier: Apache-2.0
/* Every data abort's syndrome against DDI 0487's table, and each width's value. */
#include <hyp/mmio.h>
#include <stdarg.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

/* ISS of a data abort, by the bit numbers of DDI 0487, ESR_ELx */
#define BIT_ISV 24
#define BIT_SAS 22
#define BIT_SSE 21
#define BIT_SRT 16
#define BIT_SF 15
#define BIT_AR 14
#define BIT_FNV 10
#define BIT_EA 9
#define BIT_CM 8
#define BIT_S1PTW 7
#define BIT_WNR 6

#define UNTOUCHED 0xa5

static uint64_t one(unsigned int bit)
{
	return UINT64_C(1) << bit;
}

static enum mmio_verdict decode(uint64_t iss, struct mmio_access *access)
{
	memset(access, UNTOUCHED, sizeof(*access));
	return mmio_decode(iss, access);
}

static void assert_untouched(const struct mmio_access *access)
{
	const unsigned char *bytes = (const unsigned char *)access;

	for (size_t i = 0; i < sizeof(*access); i++) {
		assert_int_equal(bytes[i], UNTOUCHED);
	}
}

/* The bits that say nothing of the access: AR, VNCR, SET, the fault's level. */
static uint64_t noise(unsigned int number)
{
	return (uint64_t)(number & 0xf) << 11 | (number >> 4 & 3);
}

static void check_access(unsigned int width_log2, bool is_signed, bool is_64bit,
			 unsigned int target, bool is_write)
{
	uint64_t iss = one(BIT_ISV) | (uint64_t)width_log2 << BIT_SAS |
		       (uint64_t)is_signed << BIT_SSE |
		       (uint64_t)target << BIT_SRT |
		       (uint64_t)is_64bit << BIT_SF |
		       (uint64_t)is_write << BIT_WNR | 0x04;

	for (unsigned int i = 0; i < 64; i++) {
		struct mmio_access access;

		assert_int_equal(decode(iss | noise(i), &access), MMIO_ACCESS);
		assert_int_equal(access.width, 1 << width_log2);
		assert_int_equal(access.target, target);
		assert_int_equal(access.is_write, is_write);
		assert_int_equal(access.sign_extend, is_signed);
		assert_int_equal(access.is_64bit, is_64bit);
		/* The short way knows those without a sign, and says the same. */
		assert_int_equal(mmio_is_plain(iss | noise(i)), !is_signed);
		assert_int_equal(mmio_width(iss | noise(i)), access.width);
		assert_int_equal(mmio_target(iss | noise(i)), target);
		assert_int_equal(mmio_is_write(iss | noise(i)), is_write);
	}
}

static void test_every_access(void **state)
{
	(void)state;
	for (unsigned int target = 0; target < 32; target++) {
		for (unsigned int width = 0; width < 4; width++) {
			for (unsigned int bits = 0; bits < 8; bits++) {
				check_access(width, bits & 1, bits & 2, target,
					     bits & 4);
			}
		}
	}
}

/* What the fault status codes of DDI 0487 that begin a translation fault are. */
static bool is_translation_fault(unsigned int dfsc)
{
	return dfsc == 0x04 || dfsc == 0x05 || dfsc == 0x06 || dfsc == 0x07;
}

static enum mmio_verdict expected_verdict(uint64_t iss)
{
	if (!is_translation_fault(iss & 0x3f) || (iss & one(BIT_FNV)) != 0 ||
	    (iss & one(BIT_EA)) != 0 || (iss & one(BIT_S1PTW)) != 0) {
		return MMIO_ABORT;
	}
	if ((iss & one(BIT_CM)) != 0) {
		return MMIO_SKIP;
	}
	return (iss & one(BIT_ISV)) != 0 ? MMIO_ACCESS : MMIO_NO_SYNDROME;
}

/* Each fault status with each set of the flags, reads and writes. */
static void test_every_abort(void **state)
{
	static const unsigned int flags[] = { BIT_ISV, BIT_FNV,	  BIT_EA,
					      BIT_CM,  BIT_S1PTW, BIT_WNR };
	unsigned int count[MMIO_ABORT + 1] = { 0 };

	(void)state;
	for (uint64_t dfsc = 0; dfsc < 64; dfsc++) {
		for (unsigned int set = 0; set < 64; set++) {
			uint64_t iss = dfsc;
			struct mmio_access access;
			enum mmio_verdict verdict;

			for (unsigned int i = 0; i < 6; i++) {
				iss |= (uint64_t)(set >> i & 1) << flags[i];
			}
			verdict = decode(iss, &access);
			assert_int_equal(verdict, expected_verdict(iss));
			assert_int_equal(mmio_is_plain(iss),
					 verdict == MMIO_ACCESS);
			if (verdict != MMIO_ACCESS) {
				assert_untouched(&access);
			}
			count[verdict]++;
		}
	}
	/* Four of the 64 codes, no flag but ISV, CM and WnR. */
	assert_int_equal(count[MMIO_ACCESS], 4 * 2);
	assert_int_equal(count[MMIO_NO_SYNDROME], 4 * 2);
	assert_int_equal(count[MMIO_SKIP], 4 * 4);
}

/* A walk of the guest's own tables that faults is no access to a device. */
static void test_named_aborts(void **state)
{
	static const struct {
		uint64_t iss;
		enum mmio_verdict verdict;
	} cases[] = {
		{ 0x93820006, MMIO_ACCESS }, /* as in a crash's log: EC, IL */
		{ 0x01400046, MMIO_ACCESS }, /* strh w0, level 2 */
		{ 0x00000047, MMIO_NO_SYNDROME }, /* stp, level 3 */
		{ 0x00000147, MMIO_SKIP },	  /* dc ivac, level 3 */
		{ 0x01400087, MMIO_ABORT },	  /* during a table walk */
		{ 0x0140000f, MMIO_ABORT },	  /* permission, level 3 */
		{ 0x0140000b, MMIO_ABORT },	  /* access flag, level 3 */
		{ 0x01400003, MMIO_ABORT },	  /* address size, level 3 */
		{ 0x01400010, MMIO_ABORT },	  /* synchronous external */
		{ 0x01400021, MMIO_ABORT },	  /* alignment */
		{ 0x01400030, MMIO_ABORT },	  /* TLB conflict */
		{ 0x01400035, MMIO_ABORT },	  /* unsupported exclusive */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mmio_access access;

		assert_int_equal(decode(cases[i].iss & 0x1ffffff, &access),
				 cases[i].verdict);
	}
}

static const uint64_t patterns[] = {
	0,
	1,
	0x7f,
	0x80,
	0xff,
	0x7fff,
	0x8000,
	0xffff,
	0x7fffffff,
	0x80000000,
	0xffffffff,
	UINT64_C(0x0123456789abcdef),
	UINT64_C(0xfedcba9876543210),
	UINT64_C(0x8080808080808080),
	UINT64_C(0x7f7f7f7f7f7f7f7f),
	INT64_MAX,
	(uint64_t)INT64_MIN,
	UINT64_MAX,
};

/* What the compiler's own casts make of it. */
static uint64_t expected_load(const struct mmio_access *access, uint64_t data)
{
	uint64_t value = data;

	switch (access->width) {
	case 1:
		value = access->sign_extend ? (uint64_t)(int8_t)data :
					      (uint8_t)data;
		break;
	case 2:
		value = access->sign_extend ? (uint64_t)(int16_t)data :
					      (uint16_t)data;
		break;
	case 4:
		value = access->sign_extend ? (uint64_t)(int32_t)data :
					      (uint32_t)data;
		break;
	default:
		break;
	}
	return access->is_64bit ? value : (uint32_t)value;
}

static uint64_t expected_store(const struct mmio_access *access, uint64_t x)
{
	switch (access->width) {
	case 1:
		return (uint8_t)x;
	case 2:
		return (uint16_t)x;
	case 4:
		return (uint32_t)x;
	default:
		return x;
	}
}

static void test_every_value(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < 16; kind++) {
		struct mmio_access access = {
			.width = (uint8_t)(1 << (kind & 3)),
			.sign_extend = kind >> 2 & 1,
			.is_64bit = kind >> 3 & 1,
		};

		for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]);
		     i++) {
			assert_int_equal(mmio_load_value(&access, patterns[i]),
					 expected_load(&access, patterns[i]));
			assert_int_equal(mmio_store_value(access.width,
							  patterns[i]),
					 expected_store(&access, patterns[i]));
		}
	}
}

/* ldrsb w, ldrsb x, ldrh w, ldrsw x, ldr x: by hand, not by a model. */
static void test_named_values(void **state)
{
	const struct mmio_access ldrsb_w = { .width = 1, .sign_extend = true };
	const struct mmio_access ldrsb_x = { .width = 1,
					     .sign_extend = true,
					     .is_64bit = true };
	const struct mmio_access ldrh_w = { .width = 2 };
	const struct mmio_access ldrsw_x = { .width = 4,
					     .sign_extend = true,
					     .is_64bit = true };
	const struct mmio_access ldr_x = { .width = 8, .is_64bit = true };

	(void)state;
	assert_int_equal(mmio_load_value(&ldrsb_w, 0x1280), 0xffffff80);
	assert_int_equal(mmio_load_value(&ldrsb_x, 0x1280),
			 UINT64_C(0xffffffffffffff80));
	assert_int_equal(mmio_load_value(&ldrh_w, 0x1289ab), 0x89ab);
	assert_int_equal(mmio_load_value(&ldrsw_x, 0x80000001),
			 UINT64_C(0xffffffff80000001));
	assert_int_equal(mmio_load_value(&ldr_x, UINT64_MAX - 1),
			 UINT64_MAX - 1);
	assert_int_equal(mmio_store_value(ldrh_w.width, 0x1289ab), 0x89ab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_access),
		cmocka_unit_test(test_every_abort),
		cmocka_unit_test(test_named_aborts),
		cmocka_unit_test(test_every_value),
		cmocka_unit_test(test_named_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
