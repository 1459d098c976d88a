%% Reads tasks from standard input, one a line, fields separated by tabs, and answers each with a line:
%%   encode  Module  Type  Term       -> ok <hex> | error <reason>
%%   decode  Module  Type  Hex  Term  -> ok | differs <term> | error <reason>
-module(oracle).
-export([main/0]).

main() ->
    ok = io:setopts(standard_io, [binary, {encoding, latin1}]),
    loop().

loop() ->
    case io:get_line("") of
        eof -> halt(0);
        Line ->
            Answer = try answer(binary:split(string:trim(Line, trailing, "\n"), <<"\t">>, [global]))
                     catch Class:Reason -> ["error ", flat({Class, Reason})] end,
            io:put_chars([Answer, "\n"]),
            loop()
    end.

answer([<<"encode">>, Module, Type, Term]) ->
    case (binary_to_atom(Module)):encode(binary_to_atom(Type), parse(Term)) of
        {ok, Bytes} -> ["ok ", string:lowercase(binary:encode_hex(iolist_to_binary(Bytes)))];
        {error, Reason} -> ["error ", flat(Reason)]
    end;
answer([<<"decode">>, Module, Type, Hex, Term]) ->
    Expected = parse(Term),
    case (binary_to_atom(Module)):decode(binary_to_atom(Type), binary:decode_hex(Hex)) of
        {ok, Expected} -> "ok";
        {ok, Other} -> ["differs ", flat(Other)];
        {error, Reason} -> ["error ", flat(Reason)]
    end.

parse(Text) ->
    {ok, Tokens, _} = erl_scan:string(binary_to_list(Text) ++ "."),
    {ok, Term} = erl_parse:parse_term(Tokens),
    Term.

%% ~w writes ASCII on one line, whatever is in the term.
flat(Term) -> io_lib:format("~w", [Term]).

