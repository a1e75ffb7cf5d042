// SPDX-License-Identifier: Apache-2.0
/* From a data abort's syndrome to an access; pure, linked into the host's tests. */
#include <hyp/mmio.h>

/* ESR_EL2.ISS, by field */
#define ISS_ISV BIT(24)
#define ISS_SAS_SHIFT 22
#define ISS_SSE BIT(21)
#define ISS_SRT_SHIFT 16
#define ISS_SF BIT(15)
#define ISS_FNV BIT(10)
#define ISS_EA BIT(9)
#define ISS_CM BIT(8)
#define ISS_S1PTW BIT(7)
#define ISS_WNR BIT(6)
#define ISS_DFSC_TYPE UINT64_C(0x3c)
#define DFSC_TRANSLATION UINT64_C(0x04)

enum mmio_verdict mmio_decode(uint64_t iss, struct mmio_access *access)
{
	if ((iss & (ISS_FNV | ISS_EA | ISS_S1PTW)) != 0 ||
	    (iss & ISS_DFSC_TYPE) != DFSC_TRANSLATION) {
		return MMIO_ABORT;
	}
	if ((iss & ISS_CM) != 0) {
		return MMIO_SKIP;
	}
	if ((iss & ISS_ISV) == 0) {
		return MMIO_NO_SYNDROME;
	}
	access->width = (uint8_t)(1u << (iss >> ISS_SAS_SHIFT & 3));
	access->target = (uint8_t)(iss >> ISS_SRT_SHIFT & 0x1f);
	access->is_write = (iss & ISS_WNR) != 0;
	access->sign_extend = (iss & ISS_SSE) != 0;
	access->is_64bit = (iss & ISS_SF) != 0;
	return MMIO_ACCESS;
}

/* Bits of a register above those that the access has. */
static unsigned int surplus_bits(const struct mmio_access *access)
{
	return (64 - 8u * access->width) % 64;
}

uint64_t mmio_store_value(const struct mmio_access *access, uint64_t x)
{
	unsigned int surplus = surplus_bits(access);

	return x << surplus >> surplus;
}

uint64_t mmio_load_value(const struct mmio_access *access, uint64_t data)
{
	unsigned int surplus = surplus_bits(access);

	data <<= surplus;
	if (access->sign_extend) {
		/* A negative number keeps its sign: so GCC defines the shift. */
		data = (uint64_t)((int64_t)data >> surplus);
	} else {
		data >>= surplus;
	}
	return access->is_64bit ? data : data & UINT32_MAX;
}
