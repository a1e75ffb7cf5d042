/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error numbers: functions return 0 or one of these, negated. The values are
 * those of Linux's generic ABI, because guests see them in hypercall results.
 */
#ifndef HYP_ERRNO_H
#define HYP_ERRNO_H

#define HYP_EPERM 1	  /* not in this direction */
#define HYP_ENOENT 2	  /* no such cell, device, node or image */
#define HYP_EIO 5	  /* the hardware did not answer as it must */
#define HYP_E2BIG 7	  /* more than the table or the buffer holds */
#define HYP_EAGAIN 11	  /* not now; the same call may succeed later */
#define HYP_ENOMEM 12	  /* a static pool is empty */
#define HYP_EACCES 13	  /* this caller may not */
#define HYP_EFAULT 14	  /* an access was answered with an external abort */
#define HYP_EBUSY 16	  /* owned by another, or an operation is under way */
#define HYP_EEXIST 17	  /* exists already */
#define HYP_ENODEV 19	  /* the board has no such device */
#define HYP_EINVAL 22	  /* a value that is never right */
#define HYP_ENOTTY 25	  /* no such operation on this device */
#define HYP_ERANGE 34	  /* outside the region, table or address space */
#define HYP_ENOSYS 38	  /* no such call */
#define HYP_EBADMSG 74	  /* damaged data: bad magic, length or hash */
#define HYP_EOPNOTSUPP 95 /* the board or this build cannot do it */
#define HYP_ETIMEDOUT 110 /* a deadline passed */

#endif /* HYP_ERRNO_H */
