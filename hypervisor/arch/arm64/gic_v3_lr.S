/* SPDX-License-Identifier: Apache-2.0 */
/* A system register by number: a branch into a table of two instructions each. */

	.text

.macro lr_accesses template:req
	\template s3_4_c12_c12_0
	\template s3_4_c12_c12_1
	\template s3_4_c12_c12_2
	\template s3_4_c12_c12_3
	\template s3_4_c12_c12_4
	\template s3_4_c12_c12_5
	\template s3_4_c12_c12_6
	\template s3_4_c12_c12_7
	\template s3_4_c12_c13_0
	\template s3_4_c12_c13_1
	\template s3_4_c12_c13_2
	\template s3_4_c12_c13_3
	\template s3_4_c12_c13_4
	\template s3_4_c12_c13_5
	\template s3_4_c12_c13_6
	\template s3_4_c12_c13_7
.endm

.macro lr_read_one register
	mrs	x0, \register
	ret
.endm

.macro lr_write_one register
	msr	\register, x1
	ret
.endm

	.global gic_v3_lr_read
gic_v3_lr_read:
	adr	x2, 1f
	add	x2, x2, w0, uxtw #3
	br	x2
1:	lr_accesses lr_read_one

	.global gic_v3_lr_write
gic_v3_lr_write:
	adr	x2, 1f
	add	x2, x2, w0, uxtw #3
	br	x2
1:	lr_accesses lr_write_one
