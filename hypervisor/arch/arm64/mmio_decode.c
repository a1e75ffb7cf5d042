// SPDX-License-Identifier: Apache-2.0
/* From a data abort's syndrome to an access; pure, linked into the host's tests. */
#include <hyp/mmio.h>

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
	access->width = (uint8_t)mmio_width(iss);
	access->target = (uint8_t)mmio_target(iss);
	access->is_write = mmio_is_write(iss);
	access->sign_extend = (iss & ISS_SSE) != 0;
	access->is_64bit = (iss & ISS_SF) != 0;
	return MMIO_ACCESS;
}

/* Bits of a register above those that the access has. */
static unsigned int surplus_bits(unsigned int width)
{
	return (64 - 8u * width) % 64;
}

uint64_t mmio_store_value(unsigned int width, uint64_t x)
{
	unsigned int surplus = surplus_bits(width);

	return x << surplus >> surplus;
}

uint64_t mmio_load_value(const struct mmio_access *access, uint64_t data)
{
	unsigned int surplus = surplus_bits(access->width);

	data <<= surplus;
	if (access->sign_extend) {
		/* A negative number keeps its sign: so GCC defines the shift. */
		data = (uint64_t)((int64_t)data >> surplus);
	} else {
		data >>= surplus;
	}
	return access->is_64bit ? data : data & UINT32_MAX;
}
