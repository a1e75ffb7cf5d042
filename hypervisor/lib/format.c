// SPDX-License-Identifier: Apache-2.0
/* Formatted text into bounded buffers; the subset that <hyp/message.h> names. */
#include <hyp/message.h>
#include <string.h>

struct sink {
	char *buffer;
	size_t size;
	size_t length;
};

struct field {
	bool left;
	bool zero;
	unsigned int width;
	unsigned int precision; /* UINT32_MAX: none */
	unsigned int longs;
};

static void put(struct sink *sink, char character)
{
	if (sink->length + 1 < sink->size) {
		sink->buffer[sink->length] = character;
	}
	sink->length++;
}

static void put_field(struct sink *sink, const struct field *field,
		      const char *text, size_t length, char pad)
{
	size_t padding = field->width > length ? field->width - length : 0;

	if (!field->left) {
		for (size_t i = 0; i < padding; i++) {
			put(sink, pad);
		}
	}
	for (size_t i = 0; i < length; i++) {
		put(sink, text[i]);
	}
	if (field->left) {
		for (size_t i = 0; i < padding; i++) {
			put(sink, ' ');
		}
	}
}

static void put_number(struct sink *sink, const struct field *field,
		       uint64_t value, unsigned int base, bool negative,
		       const char *digits)
{
	char text[24];
	size_t at = sizeof(text);

	do {
		text[--at] = digits[value % base];
		value /= base;
	} while (value != 0);
	if (negative) {
		if (field->zero && !field->left) {
			struct field rest = *field;

			put(sink, '-');
			rest.width -= rest.width != 0 ? 1 : 0;
			put_field(sink, &rest, text + at, sizeof(text) - at,
				  '0');
			return;
		}
		text[--at] = '-';
	}
	put_field(sink, field, text + at, sizeof(text) - at,
		  field->zero && !field->left ? '0' : ' ');
}

static const char *parse_field(const char *format, struct field *field)
{
	field->left = false;
	field->zero = false;
	field->width = 0;
	field->precision = UINT32_MAX;
	field->longs = 0;
	for (;; format++) {
		if (*format == '-') {
			field->left = true;
		} else if (*format == '0') {
			field->zero = true;
		} else {
			break;
		}
	}
	for (; *format >= '0' && *format <= '9'; format++) {
		field->width =
			field->width * 10 + (unsigned int)(*format - '0');
	}
	if (*format == '.') {
		field->precision = 0;
		for (format++; *format >= '0' && *format <= '9'; format++) {
			field->precision = field->precision * 10 +
					   (unsigned int)(*format - '0');
		}
	}
	for (; *format == 'l' || *format == 'z'; format++) {
		field->longs++;
	}
	return format;
}

static void put_string(struct sink *sink, const struct field *field,
		       const char *text)
{
	if (text == NULL) {
		text = "(null)";
	}
	put_field(sink, field, text, strnlen(text, field->precision), ' ');
}

size_t text_format_va(char *buffer, size_t size, const char *format,
		      va_list args)
{
	struct sink sink = { buffer, size, 0 };

	for (; *format != '\0'; format++) {
		struct field field;
		int64_t number;
		uint64_t value;

		if (*format != '%') {
			put(&sink, *format);
			continue;
		}
		format = parse_field(format + 1, &field);
		switch (*format) {
		case 'c':
			put(&sink, (char)va_arg(args, int));
			break;
		case 's':
			put_string(&sink, &field, va_arg(args, const char *));
			break;
		case 'd':
		case 'i':
			number = field.longs != 0 ? va_arg(args, int64_t) :
						    va_arg(args, int);
			put_number(&sink, &field,
				   number < 0 ? 0 - (uint64_t)number :
						(uint64_t)number,
				   10, number < 0, "0123456789");
			break;
		case 'p':
			put(&sink, '0');
			put(&sink, 'x');
			put_number(&sink, &field,
				   (uintptr_t)va_arg(args, void *), 16, false,
				   "0123456789abcdef");
			break;
		case 'u':
		case 'x':
		case 'X':
			value = field.longs != 0 ? va_arg(args, uint64_t) :
						   va_arg(args, unsigned int);
			put_number(&sink, &field, value,
				   *format == 'u' ? 10 : 16, false,
				   *format == 'X' ? "0123456789ABCDEF" :
						    "0123456789abcdef");
			break;
		case '\0':
			format--;
			break;
		default:
			put(&sink, *format);
			break;
		}
	}
	if (size != 0) {
		buffer[sink.length < size ? sink.length : size - 1] = '\0';
	}
	return sink.length;
}

size_t text_format(char *buffer, size_t size, const char *format, ...)
{
	va_list args;
	size_t length;

	va_start(args, format);
	length = text_format_va(buffer, size, format, args);
	va_end(args);
	return length;
}

int message_set(struct message *message, int error, const char *format, ...)
{
	va_list args;

	if (message != NULL) {
		va_start(args, format);
		text_format_va(message->text, sizeof(message->text), format,
			       args);
		va_end(args);
	}
	return error;
}
