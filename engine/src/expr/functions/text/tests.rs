//! Texts at the edges: empty, null, beyond ASCII, negative, too large.

use super::super::testing::{all, failing};

#[test]
fn parts_by_places() {
    all(&[
        ("substring('Straße', -2)", "ße"),
        ("substring('abc', -5, 3)", "a"),
        ("substring('abc', -5, 2)", ""),
        ("substring('abc', 2, 2147483647)", "bc"),
        ("substring('abc', 0, 1)", "a"),
        ("substring(CAST(NULL AS STRING), 1)", "NULL"),
        ("substring(12345, 2, 2)", "23"),
        ("left('é🙂', n - 6)", "é"),
        ("right('abc', 9)", "abc"),
        ("right('abc', -1)", ""),
        ("substring_index('a.b.c', '.', -1)", "c"),
        ("substring_index('aaaa', 'aa', 2)", "a"),
        ("substring_index('aaaa', 'aa', -2)", "a"),
        ("substring_index('a.b', '', 1)", ""),
        ("substring_index('a.b', '.', -9)", "a.b"),
        ("split_part('a,b,c', ',', -3)", "a"),
        ("split_part('', ',', 1)", ""),
        ("split_part('abc', '', 1)", "abc"),
        ("overlay('Spark SQL' PLACING 'ANSI ' FROM 7 FOR 0)", "Spark ANSI SQL"),
        ("overlay('abcdef' PLACING 'XY' FROM 3)", "abXYef"),
        ("elt(n - n + 1, 'x', 'y')", "x"),
        ("elt(CAST(NULL AS INT), 'x', 'y')", "NULL"),
    ]);
    failing(&[("split_part('a', ',', n - 7)", "counted from 1"), ("elt(0, 'a', 'b')", "there are 2")]);
}

#[test]
fn places_of_parts() {
    all(&[
        ("instr('中文', '文')", "2"),
        ("locate('b', 'abcb', 3)", "4"),
        ("locate('b', 'abc', -1)", "0"),
        ("locate('', 'abc', 9)", "1"),
        ("locate('b', 'abc', CAST(NULL AS INT))", "0"),
        ("position('c', 'abc')", "3"),
        ("find_in_set('', '')", "1"),
        ("find_in_set('a,b', 'a,b')", "0"),
        ("find_in_set('', 'a,,b')", "2"),
        ("contains('', '')", "true"),
        ("contains('abc', NULL)", "NULL"),
    ]);
}

#[test]
fn lengths_and_fillings() {
    all(&[
        ("length('é🙂')", "2"),
        ("length(X'00FF')", "2"),
        ("octet_length('é')", "2"),
        ("bit_length('')", "0"),
        ("lpad('7', 3, '0')", "007"),
        ("lpad('🙂', 3, 'ab')", "ab🙂"),
        ("rpad('abc', 2)", "ab"),
        ("rpad('', 3, 'é')", "ééé"),
        ("lpad('abc', 5, '')", "abc"),
        ("space(-1)", ""),
        ("repeat('é', 3)", "ééé"),
        ("repeat('', 2147483647)", ""),
    ]);
    failing(&[
        ("repeat('ab', n * 1000000)", "longest allowed"),
        ("lpad('x', 2147483647, 'y')", "longest allowed"),
        ("space(2147483647)", "longest allowed"),
    ]);
}

#[test]
fn letters_and_their_case() {
    all(&[
        ("upper('ﬁß')", "FISS"),
        ("lower('ΑΣ')", "ας"),
        ("initcap('éCOLE  du ßa')", "École  Du Ssa"),
        ("initcap('')", ""),
        ("reverse('añ🙂')", "🙂ña"),
        ("translate('abc', 'ab', 'x')", "xc"),
        ("replace('abc', '', 'x')", "abc"),
        ("replace('ééé', 'é')", ""),
        ("trim('  a ')", "a"),
        ("trim(BOTH 'é' FROM 'éaé')", "a"),
        ("btrim('xyax', 'xy')", "a"),
        ("ltrim('\\t a')", "\t a"),
        ("ascii('')", "0"),
        ("chr(-1)", ""),
        ("chr(300)", ","),
        ("mask('Aé1-中', 'U', 'l', 'd', 'o')", "Uldoo"),
        ("quote('a')", "'a'"),
        ("soundex('')", ""),
        ("levenshtein('', 'abc')", "3"),
        ("levenshtein('kitten', 'sitting', 2)", "-1"),
    ]);
}

#[test]
fn patterns() {
    all(&[
        ("'a%c' LIKE 'a\\\\%c'", "true"),
        ("'abc' LIKE 'a_c'", "true"),
        ("'a🙂c' LIKE 'a_c'", "true"),
        ("'aXbXc' LIKE 'a%b%c'", "true"),
        ("'ac' LIKE 'a%a%c'", "false"),
        ("'' LIKE '%'", "true"),
        ("'' LIKE '_%'", "false"),
        ("'aab' LIKE '%ab'", "true"),
        ("'STRASSE' ILIKE 'stra%'", "true"),
        ("'a\\nb' LIKE 'a_b'", "true"),
        ("regexp_extract('abc', 'b', 0)", "b"),
        ("regexp_extract('abc', '(x)?b', 1)", ""),
        ("regexp_extract_all('a1b22', '[a-z]([0-9]+)')", "[1, 22]"),
        ("regexp_count('aaa', 'aa')", "1"),
        ("regexp_instr('🙂b', 'b')", "3"),
        ("regexp_replace('abc', '(b)', '[$1]')", "a[b]c"),
        ("regexp_replace('aaa', 'a', 'b', 9)", "aaa"),
        ("regexp_replace('a.b', '\\\\.', '')", "ab"),
        ("split('abc', '')", "[a, b, c]"),
        ("split('a,b,c', ',', 2)", "[a, b,c]"),
        ("split('a,,b,', ',')", "[a, , b, ]"),
    ]);
    failing(&[
        ("'a' LIKE 'a\\\\'", "last character"),
        ("'a' LIKE '\\\\a'", "stands before `a`"),
        ("split('a', '(?=b)')", "look-ahead"),
        ("regexp_replace('a', 'a', '$1')", "names the group"),
        ("regexp_extract('a', 'a', 1)", "groups"),
        ("regexp_replace('a', 'a', 'b', 0)", "from 1 on"),
    ]);
}

#[test]
fn numbers_as_text() {
    all(&[
        ("format_number(1234567.891, 2)", "1,234,567.89"),
        ("format_number(-0.5, 0)", "-0"),
        ("format_number(2.5D, 0)", "2"),
        ("format_number(1, -1)", "NULL"),
        ("format_number(CAST('NaN' AS DOUBLE), 2)", "NaN"),
        ("format_string('%05d|%-5s|%+d|%,d|%x', 42, 'ab', 7, 1234567, -1)", "00042|ab   |+7|1,234,567|ffffffff"),
        ("format_string('%.2f %e %S %b %c %%', 1.005D, 12345.678D, 'é', true, 65)", "1.01 1.234568e+04 É true A %"),
        ("format_string('%2$s %1$s', 'a', 'b')", "b a"),
        ("format_string('%s %s', NULL, 1.0D)", "null 1.0"),
        ("hex(255)", "FF"),
        ("hex('é')", "C3A9"),
        ("bin(5)", "101"),
        ("conv('ff', 16, 10)", "255"),
        ("conv('-1', 10, 16)", "FFFFFFFFFFFFFFFF"),
        ("conv('z', 10, 2)", "0"),
        ("conv('1', 1, 2)", "NULL"),
    ]);
    failing(&[
        ("format_string('%d', 1.5D)", "cannot write"),
        ("format_string('%s')", "there are 0"),
        ("format_string('%q', 1)", "not taken"),
        ("format_string('%s', DATE '2024-01-01')", "CAST to string"),
    ]);
}

#[test]
fn bytes_and_addresses() {
    all(&[
        ("base64(encode('Spark', 'UTF-8'))", "U3Bhcms="),
        ("base64(X'')", ""),
        ("decode(unbase64('w6k='), 'UTF-8')", "é"),
        ("decode(encode('é', 'UTF-16BE'), 'UTF-16BE')", "é"),
        ("hex(unhex('ABC'))", "0ABC"),
        ("unhex('G')", "NULL"),
        ("url_encode('~*é ')", "%7E*%C3%A9+"),
        ("try_url_decode('%zz')", "NULL"),
        ("parse_url('http://user:pw@host:80/p?k=v&k=w#f', 'QUERY', 'k')", "v"),
        ("parse_url('http://user:pw@Host:80/p?k=v#f', 'HOST')", "Host"),
        ("parse_url('http://host', 'PATH')", ""),
        ("parse_url('http://user@host/p', 'USERINFO')", "user"),
        ("parse_url('http://h/p?q', 'FILE')", "/p?q"),
        ("parse_url('http://h/p', 'QUERY')", "NULL"),
        ("parse_url('http://h/p', 'host')", "NULL"),
        ("try_parse_url('a b', 'HOST')", "NULL"),
        ("concat_ws(',', array('a', NULL), NULL, 'b')", "a,b"),
        ("concat()", ""),
        ("'a' || NULL", "NULL"),
        ("1 || 'a'", "1a"),
    ]);
    failing(&[
        ("encode('é', 'US-ASCII')", "not in this charset"),
        ("encode('a', 'KLINGON')", "no charset"),
        ("unbase64('%')", "base 64"),
        ("url_decode('%')", "hexadecimal"),
        ("parse_url('a b', 'HOST')", "no address"),
    ]);
}
